"""Faults in which the time of day is set while programs run."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from benchmarks.faults.fault import Fault
from benchmarks.faults.killing import active_collector
from benchmarks.faults.mall import COLLECTORS, Mall
from benchmarks.faults.shifted import write_ahead
from benchmarks.processes import python

AHEAD_S = 3600.0
LASTS_S = 4.0


class Jump(Fault):
    """Programs that run with a clock of their own, which jumps an hour ahead, and back some seconds later."""

    def __init__(self) -> None:
        self._before: dict[str, Sequence[str]] = {}

    def programs(self, mall: Mall) -> Sequence[str]:
        raise NotImplementedError

    def prepare(self, mall: Mall) -> None:
        file = self._file(mall)
        write_ahead(file, 0.0)
        for name in self.programs(mall):
            command = mall.keeper.command(name)
            start = command.index(python()[0])
            shifted = [*command[:start], *python("-m", "benchmarks.faults.shifted", str(file)), *command[start + 1 :]]
            self._before[name] = mall.keeper.replace(name, shifted)

    async def strike(self, mall: Mall) -> None:
        write_ahead(self._file(mall), AHEAD_S)
        await asyncio.sleep(LASTS_S)
        write_ahead(self._file(mall), 0.0)

    def restore(self, mall: Mall) -> None:
        while self._before:
            mall.keeper.replace(*self._before.popitem())

    def _file(self, mall: Mall) -> Path:
        return mall.data.root / "ahead"


class ClockJump(Jump):
    name = "clock-jump"
    breaks = "the clocks of the monitor, the standby collector and a web process jump an hour ahead, and back after 4 s"

    def programs(self, mall: Mall) -> Sequence[str]:
        active = active_collector(mall)
        return ("monitor", "web-1", *(name for name in COLLECTORS if name != active))


class WorkerClockJump(Jump):
    name = "worker-clock-jump"
    breaks = "the clocks of both workers of a node jump an hour ahead, and back after 4 s"

    def programs(self, mall: Mall) -> Sequence[str]:
        return mall.workers(0)


JUMPS: Sequence[Fault] = (ClockJump(), WorkerClockJump())
