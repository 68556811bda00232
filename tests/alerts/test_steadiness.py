"""Nothing is believed before it lasts."""

from collections.abc import Sequence

from recognition.alerts.models import SystemAlert
from recognition.alerts.steadiness import LASTS_S, LOOKS, Steadiness
from recognition.alerts.system import Finding

Kind = SystemAlert.Kind
DOWN = Finding(Kind.NODE_DOWN, "node-1", "TimeoutError")
DEGRADED = Finding(Kind.NODE_DEGRADED, "node-1", "no worker")


class Look:
    """Looks once a second; what stands is what the look before said."""

    def __init__(self, standing: Sequence[Finding] = ()) -> None:
        self.steadiness = Steadiness()
        self.standing = list(standing)
        self.now_s = 100.0

    def __call__(self, *found: Finding, times: int = 1, judged: frozenset[str] = frozenset(Kind)) -> list[Finding]:
        for _ in range(times):
            self.now_s += 1.0
            self.standing = self.steadiness.settled(judged, found, self.standing, self.now_s)
        return self.standing


def test_what_is_found_stands_after_a_few_looks() -> None:
    look = Look()
    assert look(DOWN, times=LOOKS - 1) == []
    assert look(DOWN) == [DOWN]


def test_what_comes_and_goes_never_stands() -> None:
    look = Look()
    for _ in range(10):
        look(DOWN, times=LOOKS - 1)
        assert look() == []


def test_what_stands_is_over_after_a_few_looks_without_it() -> None:
    look = Look([DOWN])
    assert look(times=LOOKS - 1) == [DOWN]
    assert look() == []


def test_what_goes_and_comes_stands_all_the_while() -> None:
    look = Look([DOWN])
    for _ in range(10):
        look(times=LOOKS - 1)
        assert look(DOWN) == [DOWN]


def test_what_stands_is_told_as_it_is_now() -> None:
    changed = Finding(Kind.NODE_DOWN, "node-1", "ConnectionError")
    assert Look([DOWN])(changed) == [changed]


def test_a_degraded_node_is_told_of_only_after_half_a_minute() -> None:
    look = Look()
    assert look(DEGRADED, times=int(LASTS_S[Kind.NODE_DEGRADED])) == []
    assert look(DEGRADED) == [DEGRADED]


def test_a_degraded_node_that_recovers_is_told_of_no_more_after_a_few_looks() -> None:
    assert Look([DEGRADED])(times=LOOKS) == []


def test_what_was_not_looked_at_stays_as_it_was() -> None:
    others = frozenset(Kind) - {Kind.NODE_DOWN}
    assert Look([DOWN])(times=LOOKS + 1, judged=others) == [DOWN]


def test_looks_at_something_else_in_between_are_not_counted() -> None:
    look = Look()
    others = frozenset(Kind) - {Kind.NODE_DOWN}
    for _ in range(LOOKS - 1):
        look(DOWN)
        look(times=5, judged=others)
    assert look.standing == []
    assert look(DOWN) == [DOWN]


def test_a_monitor_that_starts_takes_over_what_stands() -> None:
    first = Look()
    first(DOWN, times=LOOKS)
    assert Look(first.standing)() == [DOWN]


def test_each_node_is_counted_by_itself() -> None:
    other = Finding(Kind.NODE_DOWN, "node-2")
    look = Look()
    look(DOWN, times=LOOKS - 1)
    assert look(DOWN, other) == [DOWN]
