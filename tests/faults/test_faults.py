"""A whole mall of real processes in which things break while cameras send: nothing is lost, nothing is there twice.

What is broken, and how it is counted, stands in `benchmarks.faults`.
"""

from collections.abc import Iterator

import pytest

from benchmarks.faults.malls import Malls
from benchmarks.faults.registry import FAULTS
from benchmarks.faults.site import SMALL
from benchmarks.faults.trial import FULL, SHORT, Trial


@pytest.fixture(scope="module")
def whole() -> Iterator[Malls]:
    with Malls(FULL) as malls:
        yield malls


@pytest.fixture(scope="module")
def small() -> Iterator[Malls]:
    with Malls(SHORT, SMALL) as malls:
        yield malls


@pytest.mark.faults
@pytest.mark.parametrize("name", FAULTS)
def test_every_promise_is_kept(whole: Malls, name: str) -> None:
    check(whole.try_fault(FAULTS[name]))


@pytest.mark.parametrize("name", ["hub", "node"])
def test_every_promise_is_kept_in_a_small_mall(small: Malls, name: str) -> None:
    check(small.try_fault(FAULTS[name]))


def check(trial: Trial) -> None:
    assert trial.sent > 0
    assert trial.accepted > 0
    assert trial.lost == 0, trial
    assert trial.doubled == 0, trial
    assert trial.recover_s is not None, trial
