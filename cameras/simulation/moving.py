"""Which photos get another node when a node leaves or joins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from cameras.placement import Seat
from cameras.simulation.placements import Photos, Placement

SCORES = 50_000_000
FEWEST_PHOTOS, MOST_PHOTOS = 50_000, 1_000_000

Rule = Callable[[Sequence[Seat]], Placement]


@dataclass(frozen=True, slots=True)
class Moved:
    """Shares of all photos. leaving: None where the only node leaves."""

    leaving: float | None
    joining: float

    def as_json(self) -> dict[str, float | None]:
        return {"leaving": self.leaving, "joining": self.joining}


class Change:
    """The node in the middle of the list leaves, or one of its weight joins at the end."""

    def __init__(self, seats: Sequence[Seat], seed: int) -> None:
        place = len(seats) // 2
        self.weight = seats[place].weight
        self._seats = seats
        self._without = [*seats[:place], *seats[place + 1 :]]
        self._with = [*seats, Seat.of(max(seat.node_id for seat in seats) + 1, self.weight)]
        count = min(max(SCORES // len(seats), FEWEST_PHOTOS), MOST_PHOTOS)
        self._photos: Photos = np.random.default_rng(seed).integers(0, 2**64, count, np.uint64)

    def ideal(self) -> Moved:
        """No more than the leaving node's own share, or the joining one's."""
        total = sum(seat.weight for seat in self._seats)
        return Moved(self.weight / total if self._without else None, self.weight / (total + self.weight))

    def moved(self, rule: Rule) -> Moved:
        before = self._node_ids(rule, self._seats)
        leaving = float(np.mean(before != self._node_ids(rule, self._without))) if self._without else None
        return Moved(leaving, float(np.mean(before != self._node_ids(rule, self._with))))

    def _node_ids(self, rule: Rule, seats: Sequence[Seat]) -> Photos:
        node_ids: Photos = np.array([seat.node_id for seat in seats], np.uint64)[rule(seats).first(self._photos)]
        return node_ids
