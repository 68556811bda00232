"""Collector and monitor watch each other's signs of life, by nobody's clock but the watcher's."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.utils import timezone

from recognition.alerts.models import SystemAlert
from recognition.alerts.steadiness import LOOKS
from recognition.alerts.system import Finding, keep, open_alerts
from recognition.collector import monitor_watch, signs
from recognition.collector.lease import CollectorLease
from recognition.collector.monitor_watch import MonitorWatch
from recognition.collector.signs import COLLECTOR, MONITOR, LifeWatch, give_sign
from recognition.monitor import conditions
from recognition.monitor.health import NodeWatch
from recognition.monitor.monitor import Monitor
from recognition.monitor.system_watch import SystemWatch
from tests.mall import Mall, collecting, eventually, in_thread

SILENT = ("monitor_silent", "")
MISSING = ("collector_silent", "")


class Clock:
    now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The watchers'."""
    clock = Clock()
    monkeypatch.setattr(signs, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


@pytest.mark.django_db
class TestLifeWatch:
    def test_it_is_silent_for_as_long_as_no_sign_comes(self, clock: Clock) -> None:
        watch = LifeWatch(MONITOR)
        give_sign(MONITOR)
        assert watch.silent_s() == 0.0
        clock.now_s += 7.0
        assert watch.silent_s() == 7.0
        give_sign(MONITOR)
        assert watch.silent_s() == 0.0

    def test_one_that_has_never_given_a_sign_is_silent_from_the_first_look_on(self, clock: Clock) -> None:
        watch = LifeWatch(MONITOR)
        watch.silent_s()
        clock.now_s += 7.0
        assert watch.silent_s() == 7.0

    def test_a_renewed_lease_is_a_sign(self, clock: Clock) -> None:
        watch, lease = LifeWatch(COLLECTOR), CollectorLease()
        lease.acquire()
        watch.silent_s()
        clock.now_s += 7.0
        lease.renew()
        assert watch.silent_s() == 0.0

    def test_one_is_not_taken_for_the_other(self, clock: Clock) -> None:
        watch = LifeWatch(COLLECTOR)
        watch.silent_s()
        clock.now_s += 7.0
        give_sign(MONITOR)
        assert watch.silent_s() == 7.0


@pytest.mark.django_db
class TestMonitorWatch:
    def looks(self, watch: MonitorWatch, times: int = LOOKS) -> set[tuple[str, str]]:
        for _ in range(times):
            watch.look()
        return set(open_alerts())

    def test_a_monitor_that_falls_silent_is_told_of_until_it_is_heard_again(self, clock: Clock) -> None:
        watch = MonitorWatch()
        give_sign(MONITOR)
        assert self.looks(watch) == set()
        clock.now_s += signs.SILENT_AFTER_S + 1
        assert self.looks(watch) == {SILENT}
        for _ in range(LOOKS):
            give_sign(MONITOR)
            watch.look()
        assert open_alerts() == {}

    def test_what_the_monitor_found_is_left_alone(self, clock: Clock) -> None:
        keep([Finding(SystemAlert.Kind.NODE_DOWN, "node-1")], timezone.now())
        assert self.looks(MonitorWatch()) == {("node_down", "node-1")}


@pytest.fixture
def watch(mall: Mall) -> Iterator[SystemWatch]:
    nodes = NodeWatch()
    watch = SystemWatch(nodes)
    yield watch
    watch.close()
    nodes.close()


def test_a_missing_collector_is_told_of_without_any_traffic(mall: Mall, watch: SystemWatch, clock: Clock) -> None:
    watch.look([], [])
    clock.now_s += signs.SILENT_AFTER_S + 1
    for _ in range(LOOKS):
        watch.look([], [])
    assert MISSING in open_alerts()
    lease = CollectorLease()
    assert lease.acquire()
    for _ in range(LOOKS):
        lease.renew()
        watch.look([], [])
    assert MISSING not in open_alerts()


def test_each_tells_of_the_other_and_is_heard_again(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (monitor_watch, conditions):
        monkeypatch.setattr(module, "SILENT_AFTER_S", 1.5)
    with collecting():
        eventually(lambda: SILENT in open_alerts(), 20.0)
    monitor = Monitor()
    with in_thread(monitor.run, monitor.stop):
        eventually(lambda: set(open_alerts()) == {MISSING}, 20.0)
        with collecting():
            eventually(lambda: not open_alerts(), 20.0)
