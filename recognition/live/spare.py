"""N+1: whether the rest of a group's nodes could do the work if its busiest one died."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["enough", "short", "alone", "unknown", "none"]


@dataclass(frozen=True, slots=True)
class AtWork:
    """A node that is up. load: the share of their time that its workers are at work; None while that is not known."""

    name: str
    workers: int
    load: float | None


@dataclass(frozen=True, slots=True)
class Spare:
    """load: of the rest without the busiest node, above 1 where the work is too much for them; None if not known.

    verdict: `enough` or `short` where it is known; `alone`: there is no other node; `none`: there is no node at all.
    """

    verdict: Verdict
    busiest: str = ""
    load: float | None = None


def spare(nodes: Sequence[AtWork]) -> Spare:
    """What would be left if the node that does the most work died and the others had to share it.

    A node's work is its load times its workers, in workers kept busy; workers count as equally quick.
    """
    able = [node for node in nodes if node.workers]
    if not able:
        return Spare("none")
    if len(able) == 1:
        return Spare("alone", able[0].name)
    work = {node.name: node.load * node.workers for node in able if node.load is not None}
    if len(work) < len(able):
        return Spare("unknown")
    busiest = max(able, key=lambda node: work[node.name])
    load = sum(work.values()) / sum(node.workers for node in able if node is not busiest)
    return Spare("enough" if load <= 1 else "short", busiest.name, round(load, 4))
