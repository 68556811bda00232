"""How durable an acceptance is: with replicas asked for, nothing counts that only the hub has."""

import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from recognition.hub import keys, replicated
from recognition.hub.durability import HubDurability, hub_durability
from recognition.hub.ledger import NOTHING, Ledger, StaleRegistry
from recognition.hub.replicated import NotReplicatedError, connect_replicated
from recognition.node.async_client import packed
from recognition.node.connections import Redis, connect, connect_async
from tests.environment import FOLDER
from tests.hub.refs import snapshot
from tests.mall import eventually
from tests.processes import kill
from tests.servers import start_server

# A new replica gets its copy at once, not after five seconds in which others might come.
KEEPING = ("--appendonly", "yes", "--appendfsync", "always", "--repl-diskless-sync-delay", "0")


@pytest.fixture
def folder() -> Path:
    return Path(mkdtemp(dir=FOLDER))


@pytest.fixture
def lone_hub(folder: Path) -> Iterator[Redis]:
    server = start_server(folder / "hub.sock", *KEEPING)
    yield connect(f"unix://{folder / 'hub.sock'}")
    kill(server)


@pytest.fixture
def replica(folder: Path, lone_hub: Redis) -> Iterator[Redis]:
    """One that follows the hub. Replicas connect by TCP, so the hub is given a port."""
    port = free_port()
    lone_hub.config_set("port", port)
    (folder / "replica").mkdir()
    server = start_server(folder / "replica" / "replica.sock", "--replicaof", f"127.0.0.1 {port}")
    client = connect(f"unix://{folder / 'replica' / 'replica.sock'}")
    eventually(lambda: client.info("replication")["master_link_status"] == "up")
    yield client
    kill(server)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.fixture
async def ledger(folder: Path, lone_hub: Redis) -> AsyncIterator[Ledger]:
    url = f"unix://{folder / 'hub.sock'}"
    hub, accepting = connect_async(url), connect_replicated(url, 5.0)
    yield Ledger(hub, 10.0, accepting)
    for client in (hub, accepting):
        await client.aclose()
        await client.connection_pool.disconnect()


async def test_what_a_replica_has_is_accepted(ledger: Ledger, replica: Redis) -> None:
    ref = snapshot()
    await ledger.accept_miss(ref, b"photo", 3, 1, 5000, NOTHING)
    assert replica.hget(keys.ledger_entry(ref.id), "photo") == b"photo"


async def test_without_a_replica_nothing_is_promised(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replicated, "_WAIT", packed(("WAIT", 1, 50)))
    with pytest.raises(NotReplicatedError):
        await ledger.accept_miss(snapshot(), b"photo", 3, 1, 5000, NOTHING)
    with pytest.raises(NotReplicatedError):
        await ledger.accept_hit(snapshot(), b"photo", 3, b"answer", 1, NOTHING)


async def test_a_refusal_is_told_as_ever_and_the_connection_stays_in_step(
    ledger: Ledger, lone_hub: Redis, replica: Redis
) -> None:
    lone_hub.set(keys.epoch("registry"), 9)
    with pytest.raises(StaleRegistry):
        await ledger.accept_miss(snapshot(), b"photo", 3, 1, 5000, NOTHING)
    lone_hub.script_flush()
    ref = snapshot()
    await ledger.accept_miss(ref, b"photo", 3, 9, 5000, NOTHING)
    assert replica.exists(keys.ledger_entry(ref.id))


def test_the_hub_says_itself_how_durable_it_is(lone_hub: Redis, replica: Redis) -> None:
    eventually(lambda: lone_hub.info("replication")["connected_slaves"] == 1)
    assert hub_durability(lone_hub) == HubDurability(keeps_file=True, flushes="always", disk_fails=False, replicas=1)


def test_one_that_keeps_nothing_says_that(hub: Redis) -> None:
    assert not hub_durability(hub).keeps_file
