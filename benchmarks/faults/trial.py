"""Trying one fault: cameras send, something breaks, and everything that was promised is counted afterwards."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from benchmarks.faults.fault import Fault
from benchmarks.faults.mall import Mall
from benchmarks.faults.observing import Account
from benchmarks.faults.recovery import Ended, recover_s
from benchmarks.faults.sender import NO_REPLY, Sender
from benchmarks.processes import BenchmarkFailed

LOOK_EVERY_S = 0.2
WARM_UP_PATIENCE_S = 30.0
RECOVERY_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Lengths:
    """per_s: snapshots. steady_s: how long all must go well before the fault and after it.

    lasts_s: of faults that last.
    """

    per_s: float
    steady_s: float
    lasts_s: float


FULL = Lengths(per_s=64, steady_s=2.0, lasts_s=10.0)
QUICK = Lengths(per_s=64, steady_s=1.0, lasts_s=4.0)
SHORT = Lengths(per_s=24, steady_s=0.5, lasts_s=2.0)  # for a busy machine


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a fault, counted in snapshots.

    sent: those of which the first byte was sent. accepted: answered 200 or 202. refused: answered 503. unknown: without
    a reply or with another one; they may have been accepted. recorded: outcomes that were written meanwhile.
    lost: accepted and without an outcome once the ledger was empty. doubled: by how much the outcomes (one for each
    snapshot), the frames of sightings, alerts, tallies and the hub's counts deviate from each other, either way.
    recover_s: see `recovery.recover_s`; None when it did not recover. states: of the outcomes recorded.
    """

    fault: str
    sent: int
    accepted: int
    refused: int
    unknown: int
    recorded: int
    lost: int
    doubled: int
    recover_s: float | None
    states: dict[str, int]
    statuses: dict[int, int]
    deviations: dict[str, int]

    @property
    def kept_every_promise(self) -> bool:
        return self.lost == 0 and self.doubled == 0 and self.recover_s is not None and self.accepted > 0

    @property
    def remark(self) -> str:
        """What its row does not tell."""
        said = [f"{count} {state}" for state, count in self.states.items() if state != "done" and count]
        said += [f"{name} deviate by {count}" for name, count in self.deviations.items()]
        expected = (NO_REPLY, 200, 202, 503)
        said += [f"{count} answered {status}" for status, count in self.statuses.items() if status not in expected]
        return ", ".join(said)

    def row(self) -> dict[str, Any]:
        return {
            "fault": self.fault,
            "sent": self.sent,
            "accepted": self.accepted,
            "recorded": self.recorded,
            "lost": self.lost,
            "doubled": self.doubled,
            "recover_s": self.recover_s,
        }


def try_fault(fault: Fault, mall: Mall, lengths: Lengths) -> Trial:
    """Raises BenchmarkFailed when the mall is not fit for a trial, or the fault could not be brought about."""
    mall.wait_until_healthy()
    mall.lasts_s = lengths.lasts_s
    fault.prepare(mall)
    mall.wait_until_healthy()
    before = mall.observer.account()
    sender = Sender(mall.ports, mall.rows.tokens, lengths.per_s)
    recovered_s = asyncio.run(_broken(fault, mall, sender, lengths.steady_s))
    mall.wait_until_quiet()
    trial = _judged(fault, sender, before, mall.observer.account(), recovered_s)
    fault.restore(mall)
    return trial


async def _broken(fault: Fault, mall: Mall, sender: Sender, steady_s: float) -> float | None:
    keeping = asyncio.create_task(mall.keeper.keep())
    try:
        sending = asyncio.create_task(sender.run())
        ended: dict[str, Ended] = {}
        began_s = time.monotonic()
        if await _recovered(mall, sender, ended, began_s, steady_s, WARM_UP_PATIENCE_S) is None:
            raise BenchmarkFailed("the mall does not keep up before anything is broken")
        await fault.aim(mall)
        struck_at_s = time.monotonic()
        await fault.strike(mall)
        recovered_s = await _recovered(mall, sender, ended, struck_at_s, steady_s, RECOVERY_PATIENCE_S)
        sender.stop()
        await sending
        return recovered_s
    finally:
        keeping.cancel()


async def _recovered(
    mall: Mall, sender: Sender, ended: dict[str, Ended], struck_at_s: float, steady_s: float, patience_s: float
) -> float | None:
    ends_at = time.monotonic() + patience_s
    while time.monotonic() < ends_at:
        await asyncio.sleep(LOOK_EVERY_S)
        now_s = time.monotonic()
        for snapshot, state, at_s in await asyncio.to_thread(mall.observer.seen):
            ended.setdefault(snapshot, Ended(state, at_s))
        if (found := recover_s(sender.sent, ended, struck_at_s, now_s, steady_s)) is not None:
            return round(found, 2)
    return None


def _judged(fault: Fault, sender: Sender, before: Account, after: Account, recovered_s: float | None) -> Trial:
    outcomes = set(after["snapshots"])
    accepted = {one.snapshot for one in sender.sent if one.accepted}
    deviations = {name: count - before["deviations"][name] for name, count in after["deviations"].items()}
    return Trial(
        fault=fault.name,
        sent=len(sender.sent),
        accepted=len(accepted),
        refused=sum(one.refused for one in sender.sent),
        unknown=sum(one.unknown for one in sender.sent),
        recorded=len(after["snapshots"]) - len(before["snapshots"]),
        lost=len(accepted - outcomes),
        doubled=sum(abs(count) for count in deviations.values()),
        recover_s=recovered_s,
        states={state: count - before["states"].get(state, 0) for state, count in after["states"].items()},
        statuses=dict(Counter(one.status or NO_REPLY for one in sender.sent)),
        deviations={name: count for name, count in deviations.items() if count},
    )
