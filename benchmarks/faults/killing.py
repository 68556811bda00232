"""Faults that end a process: with -9, or as an operator would."""

import signal

from benchmarks.faults.fault import Fault
from benchmarks.faults.mall import Mall, worker_name


class Ended(Fault):
    """One process ends, and is started again at once, as supervisord does."""

    def __init__(self, name: str, breaks: str, program: str, number: signal.Signals = signal.SIGKILL) -> None:
        self.name = name
        self.breaks = breaks
        self._program = program
        self._number = number

    async def strike(self, mall: Mall) -> None:
        mall.keeper.send(self._program, self._number)


KILLED = [
    Ended("worker", "kill -9 of one of a node's two workers, with jobs in hand", worker_name(0, 0)),
]
