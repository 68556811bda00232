"""A web process killed with -9: what it has accepted ends as any other, whether or not its sender was told."""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from cameras.models import Node
from recognition.hub import keys as hub_keys
from recognition.monitor.monitor import Monitor
from recognition.node import keys as node_keys
from recognition.node.connections import Redis
from tests.faults.account import accounts_agree, each_ended_once, results_of, until
from tests.mall import Mall, all_working, collecting, in_thread, working
from tests.photos import photo
from tests.processes import Process, kill, running


@dataclass(frozen=True, slots=True)
class Serving:
    """A web process of its own and one connection to it."""

    process: Process
    connection: http.client.HTTPConnection
    token: str

    def send(self, picture: bytes) -> None:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "image/jpeg"}
        self.connection.request("POST", "/api/v1/snapshots", picture, headers)

    def reply(self) -> tuple[int, Any]:
        response = self.connection.getresponse()
        return response.status, json.load(response)

    def killed_by_its_reply(self) -> int:
        """The status of its last reply: it is killed on the first bytes of it."""
        response = self.connection.getresponse()
        kill(self.process)
        return response.status


@contextmanager
def serving(token: str) -> Iterator[Serving]:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    options = ("--fd", str(listening.fileno()), "--no-access-log", "--log-level", "warning")
    with running("-m", "uvicorn", "mallvision.asgi:application", *options, pass_fds=[listening.fileno()]) as process:
        listening.close()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        yield Serving(process, connection, token)
        connection.close()


@pytest.fixture
def web_process(mall: Mall) -> Iterator[Serving]:
    with serving(mall.token) as found:
        yield found


def in_ledger(hub: Redis) -> list[str]:
    return [snapshot.decode() for snapshot in hub.zrange(hub_keys.LEDGER_DUE, 0, -1)]


async def test_killed_right_after_it_answered_202(mall: Mall, web_process: Serving, hub: Redis) -> None:
    web_process.send(photo())
    assert web_process.killed_by_its_reply() == 202
    await accounts_agree()
    snapshots = in_ledger(hub)
    assert len(snapshots) == 1
    with all_working(mall):
        await each_ended_once(mall, snapshots)


async def test_killed_right_after_it_answered_200(mall: Mall, lone_node: Node, web_process: Serving) -> None:
    picture = photo()
    web_process.send(picture)
    _, first = web_process.reply()
    with working(lone_node):
        await until(lambda: results_of(mall.redis_of(lone_node)))
    web_process.send(picture)
    response = web_process.connection.getresponse()
    hit = json.load(response)
    kill(web_process.process)
    assert (response.status, hit["cached"]) == (200, True)
    await accounts_agree()
    with collecting():
        await each_ended_once(mall, [first["id"], hit["id"]])


async def test_killed_between_the_ledger_and_the_node(
    mall: Mall, lone_node: Node, web_process: Serving, hub: Redis
) -> None:
    node = mall.redis_of(lone_node)
    node.execute_command("CLIENT", "PAUSE", 20_000, "WRITE")
    web_process.send(photo())
    snapshots = await until(lambda: in_ledger(hub))
    kill(web_process.process)
    node.execute_command("CLIENT", "UNPAUSE")
    assert node.xlen(node_keys.ONLY.jobs) == 0
    await accounts_agree()
    hub.zadd(hub_keys.LEDGER_DUE, {snapshots[0]: 1})
    monitor = Monitor()
    with all_working(mall), in_thread(monitor.run, monitor.stop):
        await each_ended_once(mall, snapshots)
