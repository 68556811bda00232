"""Where many photos at once would go: `cameras.placement` in numpy, and beside it the digest modulo N."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from cameras import placement
from cameras.placement import Seat

Photos: TypeAlias = npt.NDArray[np.uint64]  # the first 64 bits of each photo's digest
Nodes: TypeAlias = npt.NDArray[np.intp]  # nodes by their place in the list, from 0
Floats: TypeAlias = npt.NDArray[np.float64]

SCORES_AT_ONCE = 1 << 16  # what is in hand at a time fits the processor's cache
CLOSE = 2.0**-48


class Placement(Protocol):
    """A rule by which photos go to nodes."""

    def first(self, photos: Photos) -> Nodes:
        """The node that each photo is offered to first."""

    def order(self, photos: Photos) -> Nodes:
        """One row for each photo: all nodes in the order in which they are offered it."""


class Rendezvous:
    """The numpy twin of `cameras.placement.ranked`: the same nodes in the same order, for every photo.

    The integers are the same bit for bit. The logarithms are not: one of some hundreds of numpy's differs from
    `math.log` by a unit in the last place (numpy allows itself four). And scores may be equal. So wherever two scores
    that matter lie within CLOSE, sixteen such units, `ranked` itself is asked: for less than one photo in 10 ** 10.
    """

    def __init__(self, seats: Sequence[Seat]) -> None:
        self._seats = seats
        self._seeds = np.array([seat.seed for seat in seats], np.uint64)
        self._weights = np.array([seat.weight for seat in seats])
        self._places = {seat.node_id: place for place, seat in enumerate(seats)}

    def first(self, photos: Photos) -> Nodes:
        return self._in_blocks(photos, self._first, (len(photos),))

    def order(self, photos: Photos) -> Nodes:
        return self._in_blocks(photos, self._order, (len(photos), len(self._seats)))

    def _in_blocks(self, photos: Photos, rule: Callable[[Photos], Nodes], shape: tuple[int, ...]) -> Nodes:
        nodes = np.empty(shape, np.intp)
        for block in blocks(len(photos), max(1, SCORES_AT_ONCE // len(self._seats))):
            nodes[block] = rule(photos[block])
        return nodes

    def _first(self, photos: Photos) -> Nodes:
        scores = self._scores(photos)
        nodes: Nodes = scores.argmax(axis=1)
        best = scores[np.arange(len(photos)), nodes]
        rivals = np.count_nonzero(scores >= (best * (1 + CLOSE))[:, None], axis=1)
        for row in np.flatnonzero(rivals > 1):
            nodes[row] = self._ranked(photos[row])[0]
        return nodes

    def _order(self, photos: Photos) -> Nodes:
        scores = self._scores(photos)
        nodes = np.argsort(-scores, axis=1)
        falling = np.take_along_axis(scores, nodes, axis=1)
        close = falling[:, 1:] >= falling[:, :-1] * (1 + CLOSE)
        for row in np.flatnonzero(close.any(axis=1)):
            nodes[row] = self._ranked(photos[row])
        return nodes

    def _scores(self, photos: Photos) -> Floats:
        mixed = photos ^ (photos >> np.uint64(placement.FIRST_SHIFT))
        numbers = mixed[:, None] ^ self._seeds
        numbers *= np.uint64(placement.FIRST_FACTOR)
        numbers ^= numbers >> np.uint64(placement.SECOND_SHIFT)
        numbers *= np.uint64(placement.SECOND_FACTOR)
        numbers |= np.uint64(1)
        scores: Floats = numbers.astype(np.float64)
        scores *= placement.UNIT
        np.log(scores, out=scores)
        scores /= self._weights
        return scores

    def _ranked(self, photo: np.uint64) -> list[int]:
        return [self._places[seat.node_id] for seat in placement.ranked(f"{photo:016x}", self._seats)]


class Modulo:
    """The plain even split: node number `digest modulo N`, then the next ones round. It knows no weights."""

    def __init__(self, seats: Sequence[Seat]) -> None:
        self._nodes = len(seats)

    def first(self, photos: Photos) -> Nodes:
        return (photos % np.uint64(self._nodes)).astype(np.intp)

    def order(self, photos: Photos) -> Nodes:
        order: Nodes = (self.first(photos)[:, None] + np.arange(self._nodes)) % self._nodes
        return order


def blocks(length: int, most: int) -> Iterator[slice]:
    return (slice(start, min(start + most, length)) for start in range(0, length, most))
