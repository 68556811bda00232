import pytest

from benchmarks.accuracy.engines import systems
from benchmarks.engine.goals import Goal
from benchmarks.engine.kernels import Peaks, limit_ms, total_ms
from benchmarks.engine.regression import slope

PEAKS = Peaks(sgemm_gflops=100.0, copy_gb_per_s=10.0)


def test_the_slope_is_what_one_more_costs() -> None:
    assert slope([1, 2, 4, 8], [15, 18, 24, 36]) == pytest.approx(3)


def test_a_slope_needs_two_different_places() -> None:
    with pytest.raises(ValueError, match="two different places"):
        slope([2, 2], [1, 9])


def test_a_goal_that_is_missed_says_by_how_much() -> None:
    assert Goal("memory", 172, 160, " MB").verdict == "NO, by 12 MB"


def test_a_goal_of_at_least_is_met_from_there_on() -> None:
    assert Goal("ratio", 22, 22, at_least=True).verdict == "yes"


def test_the_detectors_limit_grows_with_its_padded_input() -> None:
    small, large = (limit_ms(PEAKS, 0, size, 640, 0)["detect"] for size in ((640, 360), (640, 640)))
    assert large / small == pytest.approx(640 / 384)


def test_a_photo_that_fits_is_not_resized() -> None:
    assert limit_ms(PEAKS, 0, (640, 360), 640, 0)["resize"] == 0


def test_a_limit_is_the_sum_of_its_kernels_in_one_precision() -> None:
    limit = limit_ms(PEAKS, 5.0, (1920, 1080), 640, 1)
    assert total_ms(limit, int8=True) == pytest.approx(sum(limit.values()) - limit["embed"])


def test_a_fast_recipe_is_also_compared_with_faces_enrolled_by_its_own_recipe() -> None:
    compared = systems(["fast.640.int8", "fast.640.fp32.enrol"])
    assert [(one.probe, one.gallery) for one in compared][2:] == [("fast.640.int8", "fast.640.fp32.enrol")]
