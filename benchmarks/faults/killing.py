"""Faults that end a process: with -9, or as an operator would. The keeper starts it again, unless that is held."""

import asyncio
import signal
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from benchmarks.faults.fault import Fault
from benchmarks.faults.mall import Mall
from benchmarks.faults.site import NODES
from benchmarks.processes import BenchmarkFailed
from benchmarks.stubs.worker import stub_id
from recognition.node.connections import Redis
from recognition.node.keys import ONE_SHARD, ONLY, WORKER_GROUP, Shard

SOME_JOBS = 5
ATTEMPTS = 1000
LOOK_EVERY_S = 0.01

Choice: TypeAlias = Callable[[Mall], str]


class Ending(Fault):
    """One program ends."""

    def __init__(self, name: str, breaks: str, choose: Choice, number: signal.Signals = signal.SIGKILL) -> None:
        self.name = name
        self.breaks = breaks
        self._choose = choose
        self._number = number

    async def strike(self, mall: Mall) -> None:
        program = await asyncio.to_thread(self._choose, mall)
        mall.keeper.send(program, self._number)


class WorkerDies(Fault):
    name = "worker"
    breaks = "kill -9 of one of a node's two workers, with jobs in hand"

    async def aim(self, mall: Mall) -> None:
        """Stops it at a moment at which it has some."""
        node, name = mall.node(0), mall.workers(0)[0]
        for _ in range(ATTEMPTS):
            mall.keeper.send(name, signal.SIGSTOP)
            if jobs_in_hand(node, mall.keeper.pid(name)):
                return
            mall.keeper.send(name, signal.SIGCONT)
            await asyncio.sleep(LOOK_EVERY_S)
        raise BenchmarkFailed("the worker never had a job in hand")

    async def strike(self, mall: Mall) -> None:
        mall.keeper.send(mall.workers(0)[0], signal.SIGKILL)


class NodeDies(Fault):
    name = "node"
    breaks = "kill -9 of a node's server with jobs in its queue; it comes back empty"

    async def aim(self, mall: Mall) -> None:
        await let_jobs_gather(mall, 0, ONE_SHARD)

    async def strike(self, mall: Mall) -> None:
        mall.keeper.send(NODES[0], signal.SIGKILL)
        wake_workers(mall, 0)


class NodeDiesForGood(NodeDies):
    name = "node-for-good"
    breaks = "the same, but it is not started again"

    async def strike(self, mall: Mall) -> None:
        mall.down.add(0)
        mall.keeper.hold(NODES[0])
        await super().strike(mall)

    def restore(self, mall: Mall) -> None:
        mall.down.discard(0)
        mall.keeper.release(NODES[0])


async def let_jobs_gather(mall: Mall, place: int, shards: Iterable[Shard]) -> None:
    """The workers of the node at `place` wait from now on; returns when its shards have some jobs together."""
    node = mall.node(place)
    for name in mall.workers(place):
        mall.keeper.send(name, signal.SIGSTOP)
    for _ in range(ATTEMPTS):
        if sum(node.xlen(shard.jobs) for shard in shards) >= SOME_JOBS:
            return
        await asyncio.sleep(LOOK_EVERY_S)
    raise BenchmarkFailed("no jobs have gathered")


def wake_workers(mall: Mall, place: int) -> None:
    for name in mall.workers(place):
        mall.keeper.send(name, signal.SIGCONT)


def jobs_in_hand(node: Redis, pid: int) -> int:
    consumers = node.xpending(ONLY.jobs, WORKER_GROUP)["consumers"]
    return sum(consumer["pending"] for consumer in consumers if consumer["name"] == stub_id(pid).encode())


def active_collector(mall: Mall) -> str:
    pid = mall.observer.active_collector()
    if pid is None:
        raise BenchmarkFailed("no collector is active")
    return mall.keeper.named(pid)


def always(program: str) -> Choice:
    return lambda _mall: program


ENDINGS: Sequence[Fault] = (
    WorkerDies(),
    NodeDies(),
    NodeDiesForGood(),
    Ending("collector", "kill -9 of the active collector; the other one takes over", active_collector),
    Ending("monitor", "kill -9 of the monitor", always("monitor")),
    Ending("web", "kill -9 of one of two web processes, in the middle of its replies", always("web-1")),
    Ending("hub", "kill -9 of the hub, which comes back with its append-only file", always("hub")),
    Ending("hub-restart", "SIGTERM to the hub, and started again", always("hub"), signal.SIGTERM),
)
