"""System alerts come from looking at real servers."""

import shutil
import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import redis
from django.utils import timezone
from pytest_django import Settings

from cameras.models import Camera, Node
from recognition.alerts.models import SystemAlert
from recognition.alerts.steadiness import LOOKS
from recognition.alerts.system import open_alerts
from recognition.hub import keys as hub_keys
from recognition.hub.live_state import NodeState, State
from recognition.monitor import conditions, system_watch
from recognition.monitor.health import NodeWatch
from recognition.monitor.monitor import Monitor
from recognition.monitor.system_watch import SystemWatch
from recognition.node import keys as node_keys
from recognition.node.connections import Redis
from recognition.sightings.models import CameraTally, Sighting
from tests.environment import FOLDER
from tests.faces import sighting
from tests.mall import Mall
from tests.servers import start_server

Kind = SystemAlert.Kind


@pytest.fixture
def watch(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> Iterator[SystemWatch]:
    """Looks at everything each time."""
    monkeypatch.setattr(system_watch, "GATHER_EVERY_S", 0.0)
    nodes = NodeWatch()
    watch = SystemWatch(nodes)
    yield watch
    watch.close()
    nodes.close()


@pytest.fixture(autouse=True)
def _roomy_disk(settings: Settings) -> None:
    """Whatever the disk is like on which the tests run."""
    settings.MALLVISION_DISK_FULL_PERCENT = 101.0
    settings.MALLVISION_HUB_SLOW_MS = 60_000.0


def states(mall: Mall, first: State = "up") -> list[NodeState]:
    return [NodeState(node.pk, node.name, first if node == mall.nodes[0] else "up", 1, 0, 0, []) for node in mall.nodes]


def told_of(watch: SystemWatch, mall: Mall, first: State = "up", times: int = LOOKS) -> set[tuple[str, str]]:
    """What stands after a few looks that found the first node so."""
    for _ in range(times):
        watch.look(mall.nodes, states(mall, first))
    return set(open_alerts())


def test_a_healthy_mall_raises_nothing(watch: SystemWatch, mall: Mall) -> None:
    assert told_of(watch, mall) == set()


def test_a_node_that_is_down_is_told_until_it_is_back(watch: SystemWatch, mall: Mall) -> None:
    assert told_of(watch, mall, "down") == {("node_down", "node-1")}
    assert told_of(watch, mall) == set()
    assert SystemAlert.objects.count() == 1


def test_a_disabled_node_is_no_trouble(watch: SystemWatch, mall: Mall) -> None:
    assert told_of(watch, mall, "disabled") == set()


def test_another_monitor_neither_doubles_nor_ends_what_stands(watch: SystemWatch, mall: Mall) -> None:
    told_of(watch, mall, "down")
    other = SystemWatch(NodeWatch())
    assert told_of(other, mall, "down") == {("node_down", "node-1")}
    other.close()
    assert SystemAlert.objects.count() == 1


def test_a_hub_that_takes_long_is_told(watch: SystemWatch, mall: Mall, settings: Settings) -> None:
    settings.MALLVISION_HUB_SLOW_MS = 1e-6
    assert told_of(watch, mall, times=conditions.FEWEST_ANSWERS + LOOKS) == {("hub_slow", "")}


def test_a_disk_that_is_nearly_full_is_told(watch: SystemWatch, mall: Mall, settings: Settings) -> None:
    settings.MALLVISION_DISK_FULL_PERCENT = 1e-6
    assert told_of(watch, mall) == {("disk_full", "")}
    usage = shutil.disk_usage(settings.MALLVISION_DATA.root)
    assert float(SystemAlert.objects.get().detail.rstrip("%")) == pytest.approx(
        100 * usage.used / (usage.used + usage.free), abs=2
    )


def test_a_data_folder_that_is_gone_says_nothing_of_the_disk(
    watch: SystemWatch, mall: Mall, settings: Settings
) -> None:
    settings.MALLVISION_DATA = type(settings.MALLVISION_DATA)(settings.MALLVISION_DATA.root / "gone")
    settings.MALLVISION_DISK_FULL_PERCENT = 1e-6
    assert told_of(watch, mall) == set()


def test_many_failed_snapshots_are_told(watch: SystemWatch, mall: Mall) -> None:
    told_of(watch, mall)
    CameraTally.objects.create(camera=mall.camera, done=80, failed=10, expired=10)
    assert told_of(watch, mall) == {("failing", "")}
    assert SystemAlert.objects.get().detail == "20%"


class TestCollector:
    @pytest.mark.parametrize("stream", [hub_keys.HITS, hub_keys.ENDINGS])
    def test_what_waits_at_the_hub_is_told_until_it_is_dealt_with(
        self, watch: SystemWatch, mall: Mall, hub: Redis, stream: str
    ) -> None:
        put_long_ago(hub, stream)
        assert told_of(watch, mall) == {("collector_late", "")}
        hub.delete(stream)
        assert told_of(watch, mall) == set()

    def test_what_waits_at_a_node_is_told(self, watch: SystemWatch, mall: Mall) -> None:
        put_long_ago(mall.redis_of(mall.nodes[1]), node_keys.ONLY.results)
        assert told_of(watch, mall) == {("collector_late", "")}

    def test_what_has_just_come_is_no_trouble(self, watch: SystemWatch, mall: Mall, hub: Redis) -> None:
        hub.xadd(hub_keys.HITS, {"ref": b""})
        assert told_of(watch, mall) == set()

    def test_a_node_that_is_down_is_not_asked(self, watch: SystemWatch, mall: Mall) -> None:
        put_long_ago(mall.redis_of(mall.nodes[0]), node_keys.ONLY.results)
        assert told_of(watch, mall, "down") == {("node_down", "node-1")}


def put_long_ago(server: Redis, stream: str) -> None:
    """An entry that came 20 s ago by the server's clock."""
    server.xadd(stream, {"ref": b""}, id=f"{(server.time()[0] - 20) * 1000}-0")


class TestNoFace:
    @pytest.fixture(autouse=True)
    def _open(self, settings: Settings, mall: Mall) -> None:
        settings.MALLVISION_OPENING_HOURS = ((timezone.now().min.time(), timezone.now().min.time()),)  # day and night
        Camera.objects.update(created_at=timezone.now() - timedelta(days=1))

    def seen(self, mall: Mall, minutes_ago: float) -> None:
        sighting(mall.camera)
        Sighting.objects.update(last_seen=timezone.now() - timedelta(minutes=minutes_ago))

    def test_a_mall_without_faces_is_told(self, watch: SystemWatch, mall: Mall) -> None:
        self.seen(mall, 40)
        assert told_of(watch, mall) == {("no_face", "")}

    def test_so_is_one_that_has_never_seen_any(self, watch: SystemWatch, mall: Mall) -> None:
        assert told_of(watch, mall) == {("no_face", "")}

    def test_a_face_ends_it(self, watch: SystemWatch, mall: Mall) -> None:
        told_of(watch, mall)
        self.seen(mall, 1)
        assert told_of(watch, mall) == set()

    def test_without_an_enabled_camera_there_is_nothing_to_see(self, watch: SystemWatch, mall: Mall) -> None:
        Camera.objects.update(enabled=False)
        assert told_of(watch, mall) == set()

    def test_cameras_that_have_just_been_added_may_still_see_somebody(self, watch: SystemWatch, mall: Mall) -> None:
        Camera.objects.update(created_at=timezone.now())
        assert told_of(watch, mall) == set()

    def test_without_opening_hours_it_is_off(self, watch: SystemWatch, mall: Mall, settings: Settings) -> None:
        settings.MALLVISION_OPENING_HOURS = ()
        assert told_of(watch, mall) == set()


@pytest.fixture
def own_hub(mall: Mall, settings: Settings) -> Iterator[Callable[[int], None]]:
    """A hub of this test's own; what the fixture gives sends it a signal."""
    socket = FOLDER / f"own-hub-{time.monotonic_ns()}.sock"
    server = start_server(socket)
    settings.MALLVISION_HUB_URL = f"unix://{socket}"
    yield server.send_signal
    server.kill()
    server.wait(10)


class TestWithoutHub:
    def test_a_monitor_writes_down_that_the_hub_is_down(self, mall: Mall, own_hub: Callable[[int], None]) -> None:
        monitor = Monitor()
        own_hub(signal.SIGKILL)
        for _ in range(LOOKS):
            with pytest.raises(redis.RedisError):
                monitor.look()
        monitor.close()
        assert ("hub_down", "") in open_alerts()

    def test_it_is_over_when_the_hub_answers_again(
        self, watch: SystemWatch, mall: Mall, own_hub: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        own_hub(signal.SIGSTOP)
        monkeypatch.setattr("recognition.hub.sync.HUB_TIMEOUT_S", 0.1)
        assert told_of(watch, mall) == {("hub_down", "")}
        own_hub(signal.SIGCONT)
        assert told_of(watch, mall) == set()

    def test_what_cannot_be_told_without_a_hub_stays_as_it_was(
        self, watch: SystemWatch, mall: Mall, own_hub: Callable[[int], None]
    ) -> None:
        put_long_ago(mall.redis_of(mall.nodes[0]), node_keys.ONLY.results)
        told_of(watch, mall)
        own_hub(signal.SIGKILL)
        assert told_of(watch, mall) == {("collector_late", ""), ("hub_down", "")}


def test_the_monitor_itself_raises_them(mall: Mall) -> None:
    Node.objects.filter(pk=mall.nodes[0].pk).update(address="redis://127.0.0.1:1/0")
    monitor = Monitor()
    for _ in range(LOOKS):
        monitor.look()
    monitor.close()
    assert ("node_down", "node-1") in open_alerts()
