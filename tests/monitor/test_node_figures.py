"""What the monitor publishes of a node's work, memory and versions."""

import time
from collections.abc import Iterator

import pytest

from cameras.database import in_database_thread
from recognition.hub import keys as hub_keys
from recognition.hub.live_state import NodeState, monitor_silent_s, node_states
from recognition.monitor.monitor import Monitor
from recognition.node import keys as node_keys
from recognition.node.connections import Redis
from recognition.node.heartbeat import living_workers
from tests.beats import beat_as_worker
from tests.mall import Mall, Web, eventually, working
from tests.photos import photo
from tests.recognizers import StubRecognizer


@pytest.fixture
def monitor(mall: Mall) -> Iterator[Monitor]:
    monitor = Monitor()
    yield monitor
    monitor.close()


async def found(monitor: Monitor, hub: Redis, place: int = 0) -> NodeState:
    await in_database_thread(monitor.look)()
    return list(node_states(hub).values())[place]


async def test_latencies_and_load_are_those_of_its_workers(monitor: Monitor, mall: Mall, web: Web, hub: Redis) -> None:
    mall.nodes[1].enabled = mall.nodes[2].enabled = False
    for node in mall.nodes[1:]:
        await node.asave()
    redis = mall.redis_of(mall.nodes[0])
    with working(mall.nodes[0], StubRecognizer(takes_s=0.05)):
        eventually(lambda: living_workers(redis))
        for _ in range(3):
            await web.post(photo())
        eventually(lambda: [beat for beat in living_workers(redis) if sum(beat.takes) == 3])
        state = await found(monitor, hub)
    assert state.took_p50_ms is not None
    assert state.took_p50_ms > 40
    assert state.wait_p95_ms is not None
    assert state.load is not None
    assert 0 < state.load <= 1


async def test_without_photos_no_latency_is_known(monitor: Monitor, mall: Mall, hub: Redis) -> None:
    state = await found(monitor, hub)
    assert (state.wait_p50_ms, state.took_p95_ms, state.load) == (None, None, None)


async def test_memory_its_limit_and_evictions_are_told(monitor: Monitor, mall: Mall, hub: Redis) -> None:
    node = mall.redis_of(mall.nodes[0])
    node.config_set("maxmemory", "200mb")
    try:
        state = await found(monitor, hub)
    finally:
        node.config_set("maxmemory", "0")
    assert state.memory_bytes > 100_000
    assert (state.memory_limit_bytes, state.evicted) == (200 * 1024 * 1024, node.info("stats")["evicted_keys"])


async def test_the_age_of_the_oldest_job_is_told(monitor: Monitor, mall: Mall, hub: Redis) -> None:
    mall.redis_of(mall.nodes[0]).xadd(node_keys.ONLY.jobs, {"job": b"", "photo": b""}, id="1-1")
    assert (await found(monitor, hub)).oldest_job_s > 1e6


async def test_workers_of_different_versions_are_told_apart(monitor: Monitor, mall: Mall, hub: Redis) -> None:
    node = mall.redis_of(mall.nodes[0])
    for name, version in (("a", "1.0"), ("b", "1.0"), ("c", "1.1")):
        beat_as_worker(node, name=name, version=version)
    assert (await found(monitor, hub)).versions == ["1.0 stub", "1.1 stub"]


async def test_a_node_that_is_down_has_no_figures(monitor: Monitor, mall: Mall, hub: Redis) -> None:
    mall.nodes[0].address = "redis://127.0.0.1:1/0"
    await mall.nodes[0].asave()
    state = await found(monitor, hub)
    assert (state.workers, state.memory_bytes, state.versions) == (0, 0, [])


async def test_how_long_the_monitor_has_been_silent_is_known(monitor: Monitor, mall: Mall, hub: Redis) -> None:
    assert monitor_silent_s(hub) is None
    await found(monitor, hub)
    assert monitor_silent_s(hub) == pytest.approx(0, abs=5)
    hub.decrby(hub_keys.MONITOR_SEEN, 60_000)
    assert monitor_silent_s(hub) == pytest.approx(60, abs=5)


async def test_it_is_told_by_the_hubs_clock_whatever_a_machines_says(
    monitor: Monitor, mall: Mall, hub: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 0.0)
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    await found(monitor, hub)
    monkeypatch.undo()
    assert monitor_silent_s(hub) == pytest.approx(0, abs=5)


async def test_the_hub_is_asked_once_for_its_time_and_how_quick_it_is(monitor: Monitor, mall: Mall, hub: Redis) -> None:
    await found(monitor, hub)
    hub.config_resetstat()
    await found(monitor, hub)
    asked = hub.info("commandstats")
    assert "cmdstat_ping" not in asked
    assert asked["cmdstat_time"]["calls"] == 2  # once more by the totals, beside what they tell of the monitor
