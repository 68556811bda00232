"""The monitor: a silent node is left out, and what it held goes elsewhere."""

import asyncio
import subprocess
from collections.abc import Iterator

import msgspec
import pytest

from cameras.database import in_database_thread
from cameras.models import Node
from recognition.hub import keys as hub_keys
from recognition.hub.live_state import node_states
from recognition.monitor import health
from recognition.monitor.monitor import Monitor
from recognition.node import keys as node_keys
from recognition.node.connections import Redis
from recognition.node.messages import Expiry, decode_ending, decode_ref, encode
from recognition.sightings.models import Outcome
from tests.environment import FOLDER
from tests.mall import Mall, Web, all_working, collecting, eventually, working
from tests.photos import photo
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


async def sent(mall: Mall, web: Web) -> tuple[str, Node]:
    body = (await web.post(photo())).body
    return body["id"], next(node for node in mall.nodes if node.name == body["node"])


class TestHealth:
    async def test_a_node_with_a_worker_is_up_and_one_without_is_degraded(
        self, monitor: Monitor, mall: Mall, hub: Redis
    ) -> None:
        with working(mall.nodes[0]):
            eventually(lambda: mall.redis_of(mall.nodes[0]).zcard(node_keys.WORKERS))
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
            eventually(lambda: mall.redis_of(mall.nodes[0]).zcard(node_keys.WORKERS))
            await look(monitor)
        assert node_states(hub)[mall.nodes[0].pk].recipes == ["reference.0.fp32"]

    async def test_a_node_that_is_down_gets_no_photo(self, monitor: Monitor, mall: Mall, web: Web, hub: Redis) -> None:
        for node in mall.nodes[:2]:
            node.address = "redis://127.0.0.1:1/0"
            await node.asave()
        await look(monitor)
        assert {(await web.post(photo())).body["node"] for _ in range(10)} == {"node-3"}


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
        assert sum(mall.redis_of(one).xlen(node_keys.JOBS) for one in mall.nodes) == 1

    async def test_sent_on_it_ends_as_any_other(self, monitor: Monitor, mall: Mall, web: Web, hub: Redis) -> None:
        snapshot, node = await sent(mall, web)
        mall.redis_of(node).flushall()
        make_overdue(hub, snapshot)
        await look(monitor)
        with all_working(mall):
            eventually(lambda: hub.zcard(hub_keys.LEDGER_DUE) == 0)
        assert (await Outcome.objects.aget()).state == "done"

    async def test_an_answer_found_elsewhere_is_a_hit(self, monitor: Monitor, mall: Mall, web: Web, hub: Redis) -> None:
        snapshot, node = await sent(mall, web)
        with working(node):
            eventually(lambda: mall.redis_of(node).xlen(node_keys.RESULTS))
        mall.redis_of(node).delete(node_keys.RESULTS)  # the result was lost, the answer was not
        for other in mall.nodes:
            if other != node:
                other.enabled = False
                await other.asave()
        make_overdue(hub, snapshot)
        await look(monitor)
        with collecting():
            eventually(lambda: hub.zcard(hub_keys.LEDGER_DUE) == 0)
        assert (await Outcome.objects.aget()).way == "hit"

    async def test_past_its_deadline_it_expires(self, monitor: Monitor, mall: Mall, web: Web, hub: Redis) -> None:
        snapshot, _ = await sent(mall, web)
        pass_deadline(hub, snapshot)
        await look(monitor)
        with collecting():
            eventually(lambda: hub.zcard(hub_keys.LEDGER_DUE) == 0)
        assert (await Outcome.objects.aget()).state == "expired"

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
        assert all(len(nodes_asked(hub, snapshot)) == 2 for snapshot in snapshots)

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
        assert all(nodes_asked(hub, snapshot)[-1] != node.pk for snapshot in snapshots)


async def given_to(node: Node, mall: Mall, web: Web) -> list[str]:
    """Snapshots that `node` was given."""
    sent_to = [await sent(mall, web) for _ in range(12)]
    return [snapshot for snapshot, to in sent_to if to == node]
