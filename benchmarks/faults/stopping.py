"""Faults in which a process hangs for a while, and then goes on as if nothing had happened."""

import asyncio
import signal
import time

from benchmarks.faults.fault import Fault
from benchmarks.faults.killing import active_collector
from benchmarks.faults.mall import NODES, Mall
from benchmarks.processes import BenchmarkFailed

TAKE_OVER_S = 5.0  # within which a standby has taken over
ATTEMPTS = 20
LOOK_EVERY_S = 0.1


class HangingNode(Fault):
    name = "node-hangs"
    breaks = "SIGSTOP of a node's server for 10 s (quick: 4 s), then SIGCONT"

    async def strike(self, mall: Mall) -> None:
        mall.keeper.send(NODES[0], signal.SIGSTOP)
        await asyncio.sleep(mall.lasts_s)
        mall.keeper.send(NODES[0], signal.SIGCONT)


class TwoCollectors(Fault):
    """The first goes on when it is woken, until it notices that its lease is gone: two record at once.

    One that is stopped in the middle of a transaction on SQLite holds the lock of the whole database, and so keeps the
    standby out as well: it is woken, and stopped at another moment.
    """

    name = "two-collectors"
    breaks = "SIGSTOP of the active collector until the other one has taken over, then SIGCONT"

    async def strike(self, mall: Mall) -> None:
        first = await asyncio.to_thread(active_collector, mall)
        for _ in range(ATTEMPTS):
            mall.keeper.send(first, signal.SIGSTOP)
            try:
                if await self._is_another(mall, first):
                    return
            finally:
                mall.keeper.send(first, signal.SIGCONT)
            await asyncio.sleep(LOOK_EVERY_S)
        raise BenchmarkFailed("no other collector has taken over")

    async def _is_another(self, mall: Mall, first: str) -> bool:
        ends_at = time.monotonic() + TAKE_OVER_S
        while time.monotonic() < ends_at:
            await asyncio.sleep(LOOK_EVERY_S)
            if await asyncio.to_thread(active_collector, mall) != first:
                return True
        return False
