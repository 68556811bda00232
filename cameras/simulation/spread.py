"""How evenly photos are spread: what each node is offered first, as a multiple of its share by weight."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from cameras.simulation.arrivals import Batch
from cameras.simulation.flow import Counts
from cameras.simulation.placements import Floats, Nodes
from cameras.simulation.plan import US_PER_S

S_PER_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Extremes:
    """The busiest and the idlest node. With equal weights: the most and the least, as multiples of the mean."""

    busiest: float
    idlest: float

    def as_json(self) -> dict[str, float]:
        return {"max_over_mean": self.busiest, "min_over_mean": self.idlest}


@dataclass(frozen=True, slots=True)
class Spans:
    """Of equally long spans of time: the middle one's extremes, and the worst."""

    median: Extremes
    worst: Extremes

    def as_json(self) -> dict[str, Any]:
        return {"median": self.median.as_json(), "worst": self.worst.as_json()}


class Spread:
    """weights: one for each node. Takes batches in order; those of a minute must end with it."""

    def __init__(self, weights: tuple[float, ...]) -> None:
        self._shares = np.array(weights) / sum(weights)
        self._counts = np.zeros(len(weights), np.int64)
        self._minute = np.zeros(len(weights), np.int64)
        self._seconds: list[Floats] = []
        self._minutes: list[Floats] = []

    def count(self, batch: Batch, nodes: Nodes) -> None:
        """nodes: the one that each snapshot is offered to first."""
        second = batch.times_us // US_PER_S - batch.first_s
        shape = batch.seconds, len(self._shares)
        seconds = np.bincount(second * shape[1] + nodes, minlength=shape[0] * shape[1]).reshape(shape)
        self._seconds.append(self._multiples(seconds))
        self._counts += seconds.sum(axis=0)
        self._minute += seconds.sum(axis=0)
        if (batch.first_s + batch.seconds) % S_PER_MINUTE == 0:
            self._minutes.append(self._multiples(self._minute[None, :]))
            self._minute = np.zeros_like(self._minute)

    @property
    def whole(self) -> Extremes:
        """Over all the time."""
        busiest, idlest = self._multiples(self._counts[None, :])[0]
        return Extremes(float(busiest), float(idlest))

    @property
    def per_minute(self) -> Spans | None:
        """None if there was no whole minute with a snapshot."""
        return _spans(self._minutes)

    @property
    def per_second(self) -> Spans | None:
        return _spans(self._seconds)

    def _multiples(self, counts: Counts) -> Floats:
        """Busiest and idlest node of each row that counts anything."""
        counts = counts[counts.any(axis=1)]
        multiples = counts / (counts.sum(axis=1, keepdims=True) * self._shares)
        return np.stack([multiples.max(axis=1), multiples.min(axis=1)], axis=1)


def _spans(multiples: list[Floats]) -> Spans | None:
    each = np.concatenate(multiples) if multiples else np.zeros((0, 2))
    if not len(each):
        return None
    busiest, idlest = each[:, 0], each[:, 1]
    median = Extremes(float(np.median(busiest)), float(np.median(idlest)))
    return Spans(median, Extremes(float(busiest.max()), float(idlest.min())))
