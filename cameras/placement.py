"""Which node looks at a photo: weighted rendezvous hashing, no state and no Django.

Rendezvous hashing: Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998. The weighted
score ln(u) / weight (the greatest wins): Schindelhauer and Schomaker, "Weighted distributed hash tables", 2005.
The mixing is the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
2014), written out over the loop: its first shift is done once for the photo and once for each seat's seed (shifts
and exclusive ors may change places), its last one is left out (it changes only bits that the score is too coarse
to see). A node costs about 0.6 µs, half of what a hash call does. `cameras.simulation.placements` has the same for
many photos at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Self

FIRST_SHIFT = 30
SECOND_SHIFT = 27
FIRST_FACTOR = 0xBF58_476D_1CE4_E5B9
SECOND_FACTOR = 0x94D0_49BB_1331_11EB
UNIT = 2.0**-64

_LAST_SHIFT = 31
_MASK = 0xFFFF_FFFF_FFFF_FFFF
_GOLDEN = 0x9E37_79B9_7F4A_7C15


@dataclass(frozen=True, slots=True, order=True)
class Seat:
    """A node as placement sees it. `weight` is above 0; `seed` (64 bits) depends on the node's id alone."""

    node_id: int
    weight: float
    seed: int

    def __post_init__(self) -> None:
        if not self.weight > 0:
            raise ValueError(f"node {self.node_id} has weight {self.weight}: expected a number above 0")

    @classmethod
    def of(cls, node_id: int, weight: float) -> Self:
        number = (node_id + 1) * _GOLDEN & _MASK
        number = (number ^ (number >> FIRST_SHIFT)) * FIRST_FACTOR & _MASK
        number = (number ^ (number >> SECOND_SHIFT)) * SECOND_FACTOR & _MASK
        return cls(node_id, weight, number ^ (number >> _LAST_SHIFT))


def ranked(digest: str, seats: Sequence[Seat]) -> list[Seat]:
    """The seats in the order in which they should be offered the photo, best first.

    Only the digest's first 16 hex characters count. The order of `seats` does not matter.
    """
    photo = int(digest[:16], 16)
    photo ^= photo >> FIRST_SHIFT
    scored: list[tuple[float, int, Seat]] = []
    for seat in seats:
        number = (photo ^ seat.seed) * FIRST_FACTOR & _MASK
        number = (number ^ (number >> SECOND_SHIFT)) * SECOND_FACTOR & _MASK
        scored.append((log((number | 1) * UNIT) / seat.weight, seat.node_id, seat))
    scored.sort(reverse=True)
    return [seat for _, _, seat in scored]
