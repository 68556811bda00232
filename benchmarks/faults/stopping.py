"""Faults in which a process hangs for a while, and then goes on as if nothing had happened."""

import asyncio
import signal
import time

from benchmarks.faults.fault import Fault
from benchmarks.faults.killing import active_collector
from benchmarks.faults.mall import NODES, Mall
from benchmarks.processes import BenchmarkFailed

TAKE_OVER_S = 5.0  # within which a standby has taken over
ATTEMPTS = 100
LOOK_EVERY_S = 0.05


class HangingNode(Fault):
    name = "node-hangs"
    breaks = "SIGSTOP of a node's server for 10 s (quick: 4 s), then SIGCONT"

    async def strike(self, mall: Mall) -> None:
        mall.keeper.send(NODES[0], signal.SIGSTOP)
        await asyncio.sleep(mall.lasts_s)
        mall.keeper.send(NODES[0], signal.SIGCONT)


class TwoCollectors(Fault):
    """The first goes on when it is woken, until it notices that its lease is gone: two record at once."""

    name = "two-collectors"
    breaks = "SIGSTOP of the active collector until the other one has taken over, then SIGCONT"

    async def aim(self, mall: Mall) -> None:
        """Stops it between two transactions: in one, it would hold the lock that the other must have."""
        first = active_collector(mall)
        for _ in range(ATTEMPTS):
            mall.keeper.send(first, signal.SIGSTOP)
            if mall.observer.database_is_free():
                return
            mall.keeper.send(first, signal.SIGCONT)
            await asyncio.sleep(LOOK_EVERY_S)
        raise BenchmarkFailed("the collector records without a pause")

    async def strike(self, mall: Mall) -> None:
        first = active_collector(mall)
        ends_at = time.monotonic() + TAKE_OVER_S
        while await asyncio.to_thread(active_collector, mall) == first:
            if time.monotonic() > ends_at:
                raise BenchmarkFailed(f"no other collector has taken over within {TAKE_OVER_S:.0f} s")
            await asyncio.sleep(LOOK_EVERY_S)
        mall.keeper.send(first, signal.SIGCONT)
