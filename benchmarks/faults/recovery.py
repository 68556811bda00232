"""When a mall works again after a fault, judged by its snapshots alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.faults.sender import Sent

SOON_S = 1.0  # within which a snapshot is to be recorded


@dataclass(frozen=True, slots=True)
class Ended:
    """The state of a snapshot's outcome, and when a reader of the database first saw it (CLOCK_MONOTONIC)."""

    state: str
    at_s: float


def recover_s(
    sent: Sequence[Sent], ended: Mapping[str, Ended], struck_at_s: float, now_s: float, steady_s: float
) -> float | None:
    """Seconds from the fault to the moment from which all went well again; None while that cannot be said.

    All goes well with a snapshot that was accepted, and whose outcome, `done`, was seen within SOON_S of its being
    sent. The moment is the later one of two: when the first of those snapshots was sent after which all went well with
    each one (refused ones and those without a reply count as well), and when the last outcome was seen that came
    later than SOON_S. It can be said once that has been so for `steady_s`, and no accepted snapshot is overdue. 0.0
    when the fault disturbed no snapshot at all.
    """
    judged = [one for one in sent if one.at_s <= now_s - SOON_S]
    late = [one for one in judged if not _went_well(one, ended)]
    disturbed = [one for one in late if one.at_s >= struck_at_s or _ended_at(one, ended) >= struck_at_s]
    if any(one.accepted and one.snapshot not in ended for one in disturbed):
        return None
    moment_s = max((max(_next_after(one, judged), _ended_at(one, ended)) for one in disturbed), default=struck_at_s)
    return moment_s - struck_at_s if now_s - moment_s >= steady_s + SOON_S else None


def _went_well(one: Sent, ended: Mapping[str, Ended]) -> bool:
    found = ended.get(one.snapshot)
    return found is not None and found.state == "done" and found.at_s - one.at_s <= SOON_S


def _ended_at(one: Sent, ended: Mapping[str, Ended]) -> float:
    """Never, for one that was accepted and is not recorded; that of its sending for one that was not accepted."""
    if not one.accepted:
        return one.at_s
    found = ended.get(one.snapshot)
    return found.at_s if found else float("inf")


def _next_after(one: Sent, judged: Sequence[Sent]) -> float:
    return min((other.at_s for other in judged if other.at_s > one.at_s), default=float("inf"))
