"""What is wrong, judged from figures."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from recognition.alerts.models import SystemAlert
from recognition.alerts.system import Finding
from recognition.hub.live_state import NodeState, State
from recognition.monitor import conditions
from recognition.monitor.conditions import DiskUsage
from recognition.monitor.ended_lately import Lately

Kind = SystemAlert.Kind


def state(name: str, state: State, reason: str = "") -> NodeState:
    return NodeState(1, name, state, 0, 0, 0, [], reason=reason)


STATES = [
    state("node-1", "up"),
    state("node-2", "down", "TimeoutError"),
    state("node-3", "degraded", "no worker"),
    state("node-4", "disabled"),
]


def test_a_node_that_is_down_is_told_with_its_reason() -> None:
    assert conditions.nodes_down(STATES) == [Finding(Kind.NODE_DOWN, "node-2", "TimeoutError")]


def test_a_degraded_node_is_told_with_its_reason() -> None:
    assert conditions.nodes_degraded(STATES) == [Finding(Kind.NODE_DEGRADED, "node-3", "no worker")]


class TestHub:
    def test_it_is_slow_when_its_answers_mostly_take_long(self) -> None:
        assert conditions.hub_slow([0.2, 0.2, 0.2, 0.001, 0.001], 100) == [Finding(Kind.HUB_SLOW, detail="200")]

    def test_a_few_late_answers_do_not_make_it_slow(self) -> None:
        assert conditions.hub_slow([2.0, 2.0, 0.001, 0.001, 0.001], 100) == []

    def test_a_few_answers_say_nothing(self) -> None:
        assert conditions.hub_slow([2.0] * (conditions.FEWEST_ANSWERS - 1), 100) is None


class TestDisk:
    @pytest.mark.parametrize(("used", "full"), [(89, False), (90, True), (100, True)])
    def test_it_is_nearly_full_from_the_limit_on(self, used: int, full: bool) -> None:
        assert bool(conditions.disk_full(DiskUsage(100, used, 100 - used), 90)) == full

    def test_what_is_kept_back_for_the_system_is_no_room(self) -> None:
        assert conditions.disk_full(DiskUsage(100, 90, 5), 94) == [Finding(Kind.DISK_FULL, detail="95%")]

    def test_a_disk_that_cannot_be_looked_at_says_nothing(self) -> None:
        assert conditions.disk_full(None, 90) is None


class TestFailing:
    @pytest.mark.parametrize(
        ("done", "bad", "told"), [(190, 10, True), (191, 10, False), (10, 9, False), (0, 10, True)]
    )
    def test_it_takes_the_share_and_the_number(self, done: int, bad: int, told: bool) -> None:
        assert bool(conditions.failing(Lately(done, bad, whole=True), 5)) == told

    def test_what_is_known_of_a_part_of_the_window_can_be_bad(self) -> None:
        assert conditions.failing(Lately(90, 10, whole=False), 5) == [Finding(Kind.FAILING, detail="10%")]

    def test_what_is_known_of_a_part_of_the_window_says_not_that_all_is_well(self) -> None:
        assert conditions.failing(Lately(90, 0, whole=False), 5) is None


class TestCollector:
    def test_it_is_late_when_something_has_waited_too_long(self) -> None:
        assert conditions.collector_late(12.3, 10) == [Finding(Kind.COLLECTOR_LATE, detail="12")]

    def test_it_is_not_when_nothing_has(self) -> None:
        assert conditions.collector_late(0.0, 10) == []

    def test_nothing_is_said_without_a_hub(self) -> None:
        assert conditions.collector_late(None, 10) is None


class TestNoFace:
    """The mall is open from 9 to 22 in Zurich, where it is 2 hours later than UTC in summer."""

    hours = ((time(9), time(22)),)
    zone = ZoneInfo("Europe/Zurich")
    noon = datetime(2026, 7, 1, 10, tzinfo=UTC)

    def judged(self, now: datetime, quiet_since: timedelta | None) -> bool:
        newest = None if quiet_since is None else now - quiet_since
        return bool(conditions.no_face(now, newest, self.hours, 30, self.zone))

    def test_half_an_hour_without_a_face_is_told(self) -> None:
        assert self.judged(self.noon, timedelta(minutes=30))

    def test_so_is_it_when_there_never_was_one(self) -> None:
        assert self.judged(self.noon, None)

    def test_less_than_that_is_not(self) -> None:
        assert not self.judged(self.noon, timedelta(minutes=29))

    def test_nor_is_a_night(self) -> None:
        assert not self.judged(self.noon + timedelta(hours=12), timedelta(hours=8))

    @pytest.mark.parametrize(("minutes", "told"), [(29, False), (30, True)])
    def test_the_mall_must_have_been_open_for_so_long(self, minutes: int, told: bool) -> None:
        opening = datetime(2026, 7, 1, 7, tzinfo=UTC)
        assert self.judged(opening + timedelta(minutes=minutes), timedelta(hours=9)) == told
