"""The monitor: a silent node is left out, and what it held goes elsewhere."""

import asyncio
import hashlib
import signal
import subprocess
import time
from collections.abc import Iterator

import msgspec
import pytest
from django.conf import LazySettings

from cameras.database import in_database_thread
from cameras.models import Assignment, Node
from recognition.hub import keys as hub_keys
from recognition.hub.live_state import NodeState, node_states, put_node_states
from recognition.hub.scenes import Scene, put_scenes
from recognition.monitor import health, resending
from recognition.monitor.monitor import Monitor
from recognition.node import keys as node_keys
from recognition.node.admission import Limits
from recognition.node.connections import Redis
from recognition.node.messages import Expiry, Unreadable, decode_ending, decode_job, decode_ref, encode
from recognition.sightings.models import Outcome
from tests.beats import beat_as_worker
from tests.environment import FOLDER
from tests.mall import Mall, Web, all_working, collecting, eventually, working
from tests.photos import photo
from tests.recognizers import EXACT, RECIPE, StubRecognizer, scene
from tests.servers import start_server

Server = subprocess.Popen[bytes]


@pytest.fixture
def monitor(mall: Mall) -> Iterator[Monitor]:
    monitor = Monitor()
    yield monitor
    monitor.close()


async def look(monitor: Monitor) -> None:
    await in_database_thread(monitor.look)()


def states(hub: Redis) -> dict[str, str]:
    return {state.name: state.state for state in node_states(hub).values()}


def make_overdue(hub: Redis, snapshot: str) -> None:
    hub.zadd(hub_keys.LEDGER_DUE, {snapshot: 1})


def nodes_asked(hub: Redis, snapshot: str) -> list[int]:
    return [int(node) for node in hub.hget(hub_keys.ledger_entry(snapshot), "nodes").split(b",")]


def recipes_asked(node: Redis) -> list[str]:
    return [decode_job(fields[b"job"]).recipe for _, fields in node.xrange(node_keys.ONLY.jobs)]


async def nodes_of_ten(web: Web) -> set[str]:
    return {(await web.post(photo())).body["node"] for _ in range(10)}


async def sent(mall: Mall, web: Web) -> tuple[str, Node]:
    body = (await web.post(photo())).body
    return body["id"], next(node for node in mall.nodes if node.name == body["node"])


class TestHealth:
    async def test_a_node_with_a_worker_is_up_and_one_without_is_degraded(
        self, monitor: Monitor, mall: Mall, hub: Redis
    ) -> None:
        with working(mall.nodes[0]):
            eventually(lambda: mall.redis_of(mall.nodes[0]).zcard(node_keys.ONLY.workers))
            await look(monitor)
        assert states(hub) == {"node-1": "up", "node-2": "degraded", "node-3": "degraded"}

    async def test_a_node_that_refuses_the_connection_is_down(self, monitor: Monitor, mall: Mall, hub: Redis) -> None:
        mall.nodes[0].address = "redis://127.0.0.1:1/0"
        await mall.nodes[0].asave()
        await look(monitor)
        assert states(hub)["node-1"] == "down"

    async def test_a_disabled_node_is_said_to_be(self, monitor: Monitor, mall: Mall, hub: Redis) -> None:
        mall.nodes[0].enabled = False
        await mall.nodes[0].asave()
        await look(monitor)
        assert states(hub)["node-1"] == "disabled"

    async def test_the_recipes_of_living_workers_are_published(self, monitor: Monitor, mall: Mall, hub: Redis) -> None:
        with working(mall.nodes[0]):
            eventually(lambda: mall.redis_of(mall.nodes[0]).zcard(node_keys.ONLY.workers))
            await look(monitor)
        assert node_states(hub)[mall.nodes[0].pk].recipes == sorted(StubRecognizer.recipes)

    async def test_a_recipe_that_only_some_of_a_nodes_workers_serve_is_not_published(
        self, monitor: Monitor, mall: Mall, hub: Redis
    ) -> None:
        node = mall.redis_of(mall.nodes[0])
        beat_as_worker(node, EXACT, RECIPE)
        beat_as_worker(node, EXACT, name="other")
        await look(monitor)
        assert node_states(hub)[mall.nodes[0].pk].recipes == [EXACT]

    async def test_a_node_that_is_down_gets_no_photo(self, monitor: Monitor, mall: Mall, web: Web, hub: Redis) -> None:
        down = [NodeState(node.pk, node.name, "down", 1, 0, 0, []) for node in mall.nodes[:2]]
        put_node_states(hub, down)
        assert await nodes_of_ten(web) == {"node-3"}

    async def test_a_node_without_workers_gets_no_photo_that_another_can_take(
        self, monitor: Monitor, mall: Mall, web: Web
    ) -> None:
        beat_as_worker(mall.redis_of(mall.nodes[2]))
        await look(monitor)
        assert await nodes_of_ten(web) == {"node-3"}

    async def test_a_node_without_workers_still_answers_from_its_cache(
        self, monitor: Monitor, mall: Mall, web: Web, hub: Redis
    ) -> None:
        beat_as_worker(mall.redis_of(mall.nodes[2]))
        await look(monitor)
        photos = [photo() for _ in range(10)]
        for node in mall.nodes:
            for one in photos:
                digest = hashlib.sha256(one).hexdigest()
                mall.redis_of(node).set(node_keys.ONLY.image(EXACT, digest), encode(Unreadable("made so by a test")))
        for one in photos:
            await web.post(one)
        asked = {int(fields[b"node"]) for _, fields in hub.xrange(hub_keys.HITS)}
        assert asked - {mall.nodes[2].pk}

    @pytest.mark.parametrize("address", ["redis://node..mall/0", "no address"])
    async def test_a_node_with_an_address_that_cannot_be_used_is_down(
        self, monitor: Monitor, mall: Mall, hub: Redis, address: str
    ) -> None:
        mall.nodes[0].address = address
        await mall.nodes[0].asave()
        await look(monitor)
        assert states(hub)["node-1"] == "down"


class TestOverdue:
    async def test_a_job_that_still_waits_is_left_alone(
        self, monitor: Monitor, mall: Mall, web: Web, hub: Redis
    ) -> None:
        snapshot, node = await sent(mall, web)
        make_overdue(hub, snapshot)
        await look(monitor)
        assert nodes_asked(hub, snapshot) == [node.pk]
        assert hub.zscore(hub_keys.LEDGER_DUE, snapshot) > 1

    async def test_a_job_that_is_gone_is_sent_to_the_next_node(
        self, monitor: Monitor, mall: Mall, web: Web, hub: Redis
    ) -> None:
        snapshot, node = await sent(mall, web)
        mall.redis_of(node).flushall()
        make_overdue(hub, snapshot)
        await look(monitor)
        first, second = nodes_asked(hub, snapshot)
        assert (first, second != first) == (node.pk, True)
        assert sum(mall.redis_of(one).xlen(node_keys.ONLY.jobs) for one in mall.nodes) == 1

    async def test_lost_by_three_nodes_it_fails_with_its_reason(
        self, monitor: Monitor, mall: Mall, web: Web, hub: Redis
    ) -> None:
        snapshot, _ = await sent(mall, web)
        for _ in range(3):
            for one in mall.nodes:
                mall.redis_of(one).flushall()
            make_overdue(hub, snapshot)
            await look(monitor)
        assert len(nodes_asked(hub, snapshot)) == 3
        with collecting():
            eventually(lambda: not hub.zcard(hub_keys.LEDGER_DUE))
        outcome = await Outcome.objects.aget()
        assert (outcome.state, outcome.reason) == ("failed", "3 nodes were given it, and none has answered")

    async def test_nodes_whose_queues_are_full_do_not_count(
        self, monitor: Monitor, mall: Mall, web: Web, hub: Redis, settings: LazySettings
    ) -> None:
        snapshot, node = await sent(mall, web)
        mall.redis_of(node).flushall()
        for one in mall.nodes:
            mall.redis_of(one).xadd(node_keys.ONLY.jobs, {"waits": "long"})
        settings.MALLVISION_QUEUE_LIMITS = Limits(1, 10**9)
        for _ in range(5):
            make_overdue(hub, snapshot)
            await look(monitor)
        assert nodes_asked(hub, snapshot) == [node.pk]
        assert not hub.xlen(hub_keys.ENDINGS)

    async def test_what_an_emptied_node_has_lost_is_sent_on_at_once(
        self, monitor: Monitor, mall: Mall, web: Web, hub: Redis
    ) -> None:
        node = mall.nodes[0]
        with working(node):
            eventually(lambda: mall.redis_of(node).exists(node_keys.ONLY.born))
        await look(monitor)
        snapshots = await given_to(node, mall, web)
        mall.redis_of(node).flushall()
        await look(monitor)
        assert {len(nodes_asked(hub, snapshot)) for snapshot in snapshots} == {2}

    async def test_it_is_sent_on_without_the_cameras_scene(
        self, monitor: Monitor, mall: Mall, web: Web, hub: Redis
    ) -> None:
        now_ms = time.time_ns() // 1_000_000
        put_scenes(hub, [Scene(mall.camera.pk, "a" * 32, now_ms - 1_000, RECIPE, 0, scene("hall"))], 10.0)
        snapshot, node = await sent(mall, web)
        assert hub.hexists(hub_keys.ledger_entry(snapshot), "scene")
        mall.redis_of(node).flushall()
        make_overdue(hub, snapshot)
        await look(monitor)
        ((_, fields),) = [entry for one in mall.nodes for entry in mall.redis_of(one).xrange(node_keys.ONLY.jobs)]
        assert decode_job(fields[b"job"]).scene is None

    async def test_it_stays_within_its_group(self, monitor: Monitor, mall: Mall, web: Web, hub: Redis) -> None:
        await look(monitor)
        node, other, stranger = mall.nodes
        snapshots = await given_to(node, mall, web, 8)
        await Assignment.objects.filter(node=stranger).adelete()
        mall.redis_of(node).flushall()
        for snapshot in snapshots:
            make_overdue(hub, snapshot)
        await look(monitor)
        assert {tuple(nodes_asked(hub, snapshot)) for snapshot in snapshots} == {(node.pk, other.pk)}

    async def test_a_node_that_does_not_serve_the_recipe_is_passed_over(
        self, monitor: Monitor, mall: Mall, web: Web, hub: Redis
    ) -> None:
        snapshot, node = await sent(mall, web)
        other, disabled = (one for one in mall.nodes if one != node)
        disabled.enabled = False
        await disabled.asave()
        beat_as_worker(mall.redis_of(other), "reference.0.fp32")
        mall.redis_of(node).flushall()
        make_overdue(hub, snapshot)
        await look(monitor)
        assert nodes_asked(hub, snapshot) == [node.pk, node.pk]

    @pytest.mark.parametrize(("before", "after"), [(RECIPE, EXACT), (EXACT, RECIPE)], ids=["from int8", "to int8"])
    async def test_a_job_is_sent_on_as_what_the_next_node_serves(
        self, monitor: Monitor, mall: Mall, web: Web, hub: Redis, before: str, after: str
    ) -> None:
        node, other = mall.nodes[:2]
        beat_as_worker(mall.redis_of(node), before)
        await look(monitor)
        snapshot, _ = await sent(mall, web)
        assert recipes_asked(mall.redis_of(node)) == [before]
        mall.redis_of(node).flushall()
        beat_as_worker(mall.redis_of(other), after)
        make_overdue(hub, snapshot)
        await look(monitor)
        assert nodes_asked(hub, snapshot) == [node.pk, other.pk]
        assert recipes_asked(mall.redis_of(other)) == [after]

    async def test_a_job_that_waits_as_its_exact_twin_is_left_alone(
        self, monitor: Monitor, mall: Mall, web: Web, hub: Redis
    ) -> None:
        snapshot, node = await sent(mall, web)  # nothing was known of the workers then
        beat_as_worker(mall.redis_of(node), RECIPE)
        make_overdue(hub, snapshot)
        await look(monitor)
        assert nodes_asked(hub, snapshot) == [node.pk]

    async def test_a_ledger_entry_without_a_recipe_waits_for_its_deadline(
        self, monitor: Monitor, mall: Mall, web: Web, hub: Redis
    ) -> None:
        snapshot, node = await sent(mall, web)
        entry = hub_keys.ledger_entry(snapshot)
        ref = decode_ref(hub.hget(entry, "ref"))
        hub.hset(entry, "ref", encode(msgspec.structs.replace(ref, recipe="no recipe")))
        make_overdue(hub, snapshot)
        await look(monitor)
        assert nodes_asked(hub, snapshot) == [node.pk]
        assert hub.zscore(hub_keys.LEDGER_DUE, snapshot) > 1

    async def test_a_job_on_a_node_without_workers_is_sent_to_one_with_workers(
        self, monitor: Monitor, mall: Mall, web: Web, hub: Redis
    ) -> None:
        snapshot, node = await sent(mall, web)
        other = next(one for one in mall.nodes if one != node)
        beat_as_worker(mall.redis_of(other))
        make_overdue(hub, snapshot)
        await look(monitor)
        assert nodes_asked(hub, snapshot) == [node.pk, other.pk]

    async def test_a_look_that_has_taken_too_long_leaves_the_rest_for_the_next(
        self, monitor: Monitor, mall: Mall, web: Web, hub: Redis, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(resending, "LONGEST_LOOK_S", 0.0)
        snapshot, _ = await sent(mall, web)
        make_overdue(hub, snapshot)
        await look(monitor)
        assert hub.zscore(hub_keys.LEDGER_DUE, snapshot) == 1

    async def test_sent_on_it_ends_as_any_other(self, monitor: Monitor, mall: Mall, web: Web, hub: Redis) -> None:
        snapshot, node = await sent(mall, web)
        mall.redis_of(node).flushall()
        make_overdue(hub, snapshot)
        await look(monitor)
        with all_working(mall):
            eventually(lambda: hub.zcard(hub_keys.LEDGER_DUE) == 0)
        assert (await Outcome.objects.aget()).state == "done"

    async def test_an_answer_found_elsewhere_is_a_hit(self, monitor: Monitor, mall: Mall, web: Web, hub: Redis) -> None:
        mall.group.recipe = EXACT  # which a node is asked for whether its workers are known or not
        await mall.group.asave()
        snapshot, node = await sent(mall, web)
        with working(node):
            eventually(lambda: mall.redis_of(node).xlen(node_keys.ONLY.results))
        mall.redis_of(node).delete(node_keys.ONLY.results)  # the result was lost, the answer was not
        for other in mall.nodes:
            if other != node:
                other.enabled = False
                await other.asave()
        make_overdue(hub, snapshot)
        await look(monitor)
        with collecting():
            eventually(lambda: hub.xlen(hub_keys.HITS) == 0)
        assert (await Outcome.objects.aget()).way == "hit"

    async def test_past_its_deadline_it_expires(self, monitor: Monitor, mall: Mall, web: Web, hub: Redis) -> None:
        snapshot, _ = await sent(mall, web)
        pass_deadline(hub, snapshot)
        await look(monitor)
        with collecting():
            eventually(lambda: hub.zcard(hub_keys.LEDGER_DUE) == 0)
        assert (await Outcome.objects.aget()).state == "expired"

    async def test_a_machine_whose_clock_jumps_lets_nothing_expire(
        self, monitor: Monitor, mall: Mall, web: Web, hub: Redis, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        snapshot, _ = await sent(mall, web)
        make_overdue(hub, snapshot)
        jumped = time.time() + 3600
        monkeypatch.setattr(time, "time", lambda: jumped)
        monkeypatch.setattr(time, "time_ns", lambda: int(jumped * 1e9))
        await look(monitor)
        assert not hub.xlen(hub_keys.ENDINGS)
        await sent(mall, web)
        await look(monitor)
        assert not hub.xlen(hub_keys.ENDINGS)

    async def test_the_monitor_itself_ends_nothing(self, monitor: Monitor, mall: Mall, web: Web, hub: Redis) -> None:
        snapshot, _ = await sent(mall, web)
        pass_deadline(hub, snapshot)
        await look(monitor)
        assert await Outcome.objects.acount() == 0
        ((_, fields),) = hub.xrange(hub_keys.ENDINGS)
        assert decode_ending(fields[b"ending"]) == Expiry()


def pass_deadline(hub: Redis, snapshot: str) -> None:
    entry = hub_keys.ledger_entry(snapshot)
    ref = decode_ref(hub.hget(entry, "ref"))
    hub.hset(entry, "ref", encode(msgspec.structs.replace(ref, deadline_ms=1)))
    make_overdue(hub, snapshot)


@pytest.fixture
def restartable(mall: Mall) -> Iterator[tuple[Node, list[Server]]]:
    """node-1 on a server of its own, which a test may kill and start again."""
    socket = FOLDER / "mortal.sock"
    servers = [start_server(socket)]
    mall.nodes[0].address = f"unix://{socket}"
    mall.nodes[0].save()
    yield mall.nodes[0], servers
    servers[-1].kill()
    servers[-1].wait(10)


class TestNodeDeath:
    async def test_what_a_restarted_node_has_lost_is_sent_on_at_once(
        self, monitor: Monitor, mall: Mall, web: Web, hub: Redis, restartable: tuple[Node, list[Server]]
    ) -> None:
        node, servers = restartable
        await look(monitor)
        snapshots = await given_to(node, mall, web)
        servers[-1].kill()
        servers[-1].wait(10)
        servers.append(start_server(FOLDER / "mortal.sock"))
        await look(monitor)
        assert {len(nodes_asked(hub, snapshot)) for snapshot in snapshots} == {2}

    async def test_what_a_node_held_when_it_lost_its_workers_is_sent_on_at_once(
        self, monitor: Monitor, mall: Mall, web: Web, hub: Redis
    ) -> None:
        node, other = mall.nodes[:2]
        for one in (node, other):
            beat_as_worker(mall.redis_of(one))
        await look(monitor)
        snapshots = await given_to(node, mall, web)
        mall.redis_of(node).delete(node_keys.ONLY.workers)
        await look(monitor)
        assert {nodes_asked(hub, snapshot)[-1] for snapshot in snapshots} == {other.pk}

    async def test_a_node_that_hangs_delays_a_look_by_one_reply_only(
        self, monitor: Monitor, mall: Mall, web: Web, hub: Redis, restartable: tuple[Node, list[Server]]
    ) -> None:
        node, servers = restartable
        await look(monitor)
        snapshots = await given_to(node, mall, web, 5)
        servers[-1].send_signal(signal.SIGSTOP)
        for snapshot in snapshots:
            make_overdue(hub, snapshot)
        async with asyncio.timeout(4 * health.PROBE_TIMEOUT_S):
            await look(monitor)
        assert node.pk not in {nodes_asked(hub, snapshot)[-1] for snapshot in snapshots}

    async def test_what_a_dead_node_held_is_sent_on(
        self,
        monitor: Monitor,
        mall: Mall,
        web: Web,
        hub: Redis,
        restartable: tuple[Node, list[Server]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        node, servers = restartable
        monkeypatch.setattr(health, "SILENT_AFTER_S", 0.5)
        await look(monitor)
        snapshots = await given_to(node, mall, web)
        servers[-1].kill()
        servers[-1].wait(10)
        async with asyncio.timeout(10):
            while states(hub).get("node-1") != "down":
                await look(monitor)
        assert node.pk not in {nodes_asked(hub, snapshot)[-1] for snapshot in snapshots}


async def given_to(node: Node, mall: Mall, web: Web, count: int = 2) -> list[str]:
    """Snapshots that `node` was given, `count` of them."""
    given: list[str] = []
    while len(given) < count:
        snapshot, to = await sent(mall, web)
        if to == node:
            given.append(snapshot)
    return given
