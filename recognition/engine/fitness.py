"""Whether this machine gains by int8, and whether int8 is as good as fp32 on it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Chips = npt.NDArray[np.uint8]  # (n, 150, 150, 3), blue, green and red
Embed = Callable[[Sequence[npt.NDArray[np.uint8]]], Sequence[npt.NDArray[np.float32]]]  # a chip each -> (128,) each

# Distances between embeddings of the same chip, fp32's and int8's. Measured on 57 faces of people who are not in the
# calibration: median 0.042, largest 0.084; in 456 degraded variants of them 0.047 and 0.169. 8-bit weights, where the
# kernel overflows: 0.30 and 0.67.
MEDIAN_DRIFT_LIMIT = 0.065
LARGEST_DRIFT_LIMIT = 0.2

THRESHOLD = 0.6  # face_recognition's: two faces nearer than this are one person's
# Pairs nearer to the threshold than this may be decided otherwise: on the same faces int8 moved a pair's distance by at
# most 0.085.
MARGIN = 0.1

X86_GAINS = frozenset({"avx2", "avx_vnni", "avx512_vnni"})
ARM_GAINS = frozenset({"asimddp"})  # the dot product of bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far int8 is from fp32 on some chips, and how many pairs of them it decides otherwise beyond the margin."""

    chips: int
    median_drift: float
    largest_drift: float
    decided_otherwise: int

    @property
    def passed(self) -> bool:
        """Not where a number is no number."""
        close = self.median_drift <= MEDIAN_DRIFT_LIMIT and self.largest_drift <= LARGEST_DRIFT_LIMIT
        return close and self.decided_otherwise == 0


def compare(fp32: Embed, int8: Embed, chips: Chips) -> Verdict:
    """int8's embeddings with fp32's, and int8's probes against people enrolled in fp32 as in int8.

    chips: uint8 (n, 150, 150, 3), at least one.
    """
    exact, quick = (np.asarray(embed(list(chips)), dtype=np.float64) for embed in (fp32, int8))
    drift = np.linalg.norm(quick - exact, axis=1)
    wanted = _distances(exact, exact)
    otherwise = sum(_decided_otherwise(wanted, _distances(quick, enrolled)) for enrolled in (exact, quick))
    return Verdict(len(chips), float(np.median(drift)), float(drift.max()), otherwise)


def machine_gains(cpuinfo: str) -> bool:
    """Whether the processor that Linux describes so multiplies bytes faster than floats."""
    for line in cpuinfo.splitlines():
        name, _, words = line.partition(":")
        if name.strip() == "flags":
            return not X86_GAINS.isdisjoint(words.split())
        if name.strip() == "Features":
            return not ARM_GAINS.isdisjoint(words.split())
    return False


def this_machine_gains() -> bool:
    """False also where the system has no /proc/cpuinfo to ask."""
    cpuinfo = Path("/proc/cpuinfo")
    return cpuinfo.is_file() and machine_gains(cpuinfo.read_text(encoding="utf-8", errors="replace"))


def _distances(probes: npt.NDArray[np.float64], enrolled: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.linalg.norm(probes[:, None] - enrolled[None], axis=2))


def _decided_otherwise(wanted: npt.NDArray[np.float64], got: npt.NDArray[np.float64]) -> int:
    clear = np.abs(wanted - THRESHOLD) > MARGIN
    return int(np.count_nonzero(clear & ((wanted <= THRESHOLD) != (got <= THRESHOLD))))
