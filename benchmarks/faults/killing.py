"""Faults that end a process: with -9, or as an operator would. The keeper starts it again unless told otherwise."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from typing import TypeAlias

from benchmarks.faults.fault import Fault
from benchmarks.faults.mall import NODES, Mall, worker_name
from benchmarks.processes import BenchmarkFailed

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


class EndingForGood(Fault):
    """A node's server ends and is not started again before everything was judged."""

    name = "node-for-good"
    breaks = "kill -9 of a node's server that stays away, with all that stood on it"

    async def strike(self, mall: Mall) -> None:
        mall.down.add(0)
        mall.keeper.hold(NODES[0])
        mall.keeper.send(NODES[0], signal.SIGKILL)

    def restore(self, mall: Mall) -> None:
        mall.down.discard(0)
        mall.keeper.release(NODES[0])


def active_collector(mall: Mall) -> str:
    pid = mall.observer.active_collector()
    if pid is None:
        raise BenchmarkFailed("no collector is active")
    return mall.keeper.named(pid)


def always(program: str) -> Choice:
    return lambda _mall: program


ENDINGS: Sequence[Fault] = (
    Ending("worker", "kill -9 of one of a node's two workers, with jobs in hand", always(worker_name(0, 0))),
    Ending("node", "kill -9 of a node's server, which comes back empty", always(NODES[0])),
    EndingForGood(),
    Ending("collector", "kill -9 of the active collector; the other one takes over", active_collector),
    Ending("monitor", "kill -9 of the monitor", always("monitor")),
    Ending("web", "kill -9 of one of two web processes, in the middle of its replies", always("web-1")),
    Ending("hub", "kill -9 of the hub, which comes back with its append-only file", always("hub")),
    Ending("hub-restart", "SIGTERM to the hub, and started again", always("hub"), signal.SIGTERM),
)
