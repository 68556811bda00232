from collections.abc import Sequence

import numpy as np
import pytest

from recognition.engine.fitness import Embed, Verdict, compare, machine_gains

CHIPS = np.zeros((2, 150, 150, 3), np.uint8)

ZEN_4 = "processor\t: 0\nvendor_id\t: AuthenticAMD\nflags\t\t: fpu sse avx2 avx512_vnni\nbugs\t\t: spectre_v1\n"
HASWELL = "model name\t: Xeon\nflags\t\t: fpu sse avx2 fma\n"
ALDER_LAKE = "flags\t\t: fpu avx_vnni\nvmx flags\t: vnmi\n"
IVY_BRIDGE = "flags\t\t: fpu sse4_2 avx\nvmx flags\t: avx2\n"
NEOVERSE = "BogoMIPS\t: 243\nFeatures\t: fp asimd asimddp sve\n"
CORTEX_A72 = "Features\t: fp asimd evtstrm crc32\n"


@pytest.mark.parametrize(
    ("cpuinfo", "gains"),
    [(ZEN_4, True), (HASWELL, True), (ALDER_LAKE, True), (IVY_BRIDGE, False), (NEOVERSE, True), (CORTEX_A72, False)],
)
def test_the_processor_tells_whether_int8_is_quicker(cpuinfo: str, gains: bool) -> None:
    assert machine_gains(cpuinfo) is gains


@pytest.mark.parametrize("cpuinfo", ["", "no description\n", "flags\n"])
def test_an_unknown_processor_does_not_gain(cpuinfo: str) -> None:
    assert not machine_gains(cpuinfo)


def test_equal_embeddings_pass() -> None:
    verdict = compare(_giving((0, 0), (0.5, 0)), _giving((0, 0), (0.5, 0)), CHIPS)
    assert (verdict, verdict.passed) == (Verdict(2, 0.0, 0.0, 0), True)


def test_drift_is_the_distance_of_each_chips_two_embeddings() -> None:
    verdict = compare(_giving((0, 0), (2, 0)), _giving((0, 0.03), (2.04, 0)), CHIPS)
    assert (round(verdict.median_drift, 6), round(verdict.largest_drift, 6)) == (0.035, 0.04)


@pytest.mark.parametrize(
    "verdict",
    [Verdict(9, 0.07, 0.1, 0), Verdict(9, 0.04, 0.21, 0), Verdict(9, 0.04, 0.1, 1), Verdict(9, np.nan, np.nan, 0)],
)
def test_too_much_drift_or_another_decision_fails(verdict: Verdict) -> None:
    assert not verdict.passed


def test_a_pair_that_is_clearly_two_people_must_stay_so() -> None:
    verdict = compare(_giving((0, 0), (0.71, 0)), _giving((0.06, 0), (0.65, 0)), CHIPS)
    assert verdict.decided_otherwise == 2  # the pair in int8 alone, counted either way round


def test_a_probe_is_also_held_against_people_enrolled_in_fp32() -> None:
    verdict = compare(_giving((0, 0), (0.71, 0)), _giving((0.12, 0), (0.83, 0)), CHIPS)
    assert verdict.decided_otherwise == 1  # the first probe against the second face


def test_a_pair_near_the_threshold_may_be_decided_otherwise() -> None:
    assert compare(_giving((0, 0), (0.61, 0)), _giving((0, 0), (0.59, 0)), CHIPS).decided_otherwise == 0


def _giving(*embeddings: Sequence[float]) -> Embed:
    return lambda _chips: [np.array(embedding, np.float32) for embedding in embeddings]
