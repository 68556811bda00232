import hashlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras import placement
from cameras.placement import Seat, ranked
from cameras.simulation.placements import Modulo, Photos, Rendezvous

DIGESTS = [hashlib.sha256(b"%d" % number).hexdigest() for number in range(5_000)]
BITS = st.integers(0, 2**64 - 1)
WEIGHTS = st.floats(0.01, 1000.0)

digests = st.lists(BITS.map(lambda bits: f"{bits:016x}"), min_size=1, max_size=20)
registered_seats = st.dictionaries(st.integers(1, 2**40), WEIGHTS, min_size=1, max_size=12).map(
    lambda weights: [Seat.of(node_id, weight) for node_id, weight in weights.items()]
)


def photos(digests: Sequence[str]) -> Photos:
    return np.array([int(digest[:16], 16) for digest in digests], np.uint64)


def by_placement(digests: Sequence[str], seats: Sequence[Seat]) -> list[list[int]]:
    return [[seats.index(seat) for seat in ranked(digest, seats)] for digest in digests]


def seat_scoring(node_id: int, weight: float, digest: str, number: int) -> Seat:
    """A seat whose mixed number for this digest is `number`: the mixing run backwards."""
    bits = 2**64
    mixed = number * pow(placement.SECOND_FACTOR, -1, bits) % bits
    mixed ^= mixed >> placement.SECOND_SHIFT ^ mixed >> 2 * placement.SECOND_SHIFT
    photo = int(digest, 16)
    photo ^= photo >> placement.FIRST_SHIFT
    return Seat(node_id, weight, mixed * pow(placement.FIRST_FACTOR, -1, bits) % bits ^ photo)


@given(digests, registered_seats)
def test_the_twin_ranks_nodes_in_the_order_of_placement(digests: list[str], seats: list[Seat]) -> None:
    assert Rendezvous(seats).order(photos(digests)).tolist() == by_placement(digests, seats)


@given(digests, registered_seats)
def test_the_twin_puts_the_node_first_that_placement_does(digests: list[str], seats: list[Seat]) -> None:
    assert Rendezvous(seats).first(photos(digests)).tolist() == [row[0] for row in by_placement(digests, seats)]


@given(st.lists(st.tuples(BITS, st.sampled_from([1.0, 2.0, 3.0])), min_size=1, max_size=3), st.data())
def test_the_twin_breaks_ties_as_placement_does(drawn: list[tuple[int, float]], data: st.DataObject) -> None:
    """Several seats with one seed and weight have one score for every photo."""
    alike = data.draw(st.lists(st.sampled_from(drawn), min_size=2, max_size=8))
    seats = [Seat(node_id, weight, seed) for node_id, (seed, weight) in enumerate(alike)]
    digest = data.draw(digests)
    assert Rendezvous(seats).order(photos(digest)).tolist() == by_placement(digest, seats)
    assert Rendezvous(seats).first(photos(digest)).tolist() == [row[0] for row in by_placement(digest, seats)]


def numbers_on_which_logarithms_disagree() -> Iterator[tuple[int, int]]:
    """Neighbours in float64 that numpy's logarithm parts and math's does not, or the other way round."""
    numbers = [2**62 + 2**54 * part + 2**10 * nth for part in range(100) for nth in range(500)]
    units = np.array(numbers, np.uint64) * placement.UNIT
    rises = np.diff(np.log(units)) > 0
    for nth, (lower, higher) in enumerate(pairwise(map(log, units.tolist()))):
        if numbers[nth] + 2**10 == numbers[nth + 1] and (lower < higher) != rises[nth]:
            yield numbers[nth], numbers[nth + 1]


def test_the_twin_settles_the_last_bits_of_a_logarithm_as_placement_does() -> None:
    digest = DIGESTS[0][:16]
    pairs = list(numbers_on_which_logarithms_disagree())
    if not pairs:
        pytest.skip("numpy's logarithm is the same as math's on this machine")
    for numbers in pairs:
        for node_ids in ((1, 2), (2, 1)):
            seats = [seat_scoring(node_id, 1.0, digest, each) for node_id, each in zip(node_ids, numbers, strict=True)]
            (expected,) = by_placement([digest], seats)
            assert Rendezvous(seats).first(photos([digest])).tolist() == expected[:1]
            assert Rendezvous(seats).order(photos([digest])).tolist() == [expected]


@given(BITS, BITS)
def test_these_tests_can_give_a_seat_any_score(photo: int, number: int) -> None:
    digest = f"{photo:016x}"
    higher, lower = (seat_scoring(1, 1.0, digest, number | 1 << 63), seat_scoring(2, 1.0, digest, number >> 1))
    assert ranked(digest, [lower, higher]) == [higher, lower]


@pytest.mark.parametrize("nodes", [1, 2, 100])
def test_the_twin_agrees_with_placement_on_thousands_of_photos(nodes: int) -> None:
    seats = [Seat.of(node_id, 1 + node_id % 3) for node_id in range(1, nodes + 1)]
    firsts = Rendezvous(seats).first(photos(DIGESTS)).tolist()
    assert firsts == [seats.index(ranked(digest, seats)[0]) for digest in DIGESTS]


def test_photos_in_many_blocks_are_ranked_as_in_one() -> None:
    seats = [Seat.of(node_id, 1.0) for node_id in range(1, 101)]
    assert (Rendezvous(seats).order(photos(DIGESTS))[:, 0] == Rendezvous(seats).first(photos(DIGESTS))).all()


@given(digests, registered_seats)
def test_modulo_takes_the_digests_remainder_and_goes_on_round(digests: list[str], seats: list[Seat]) -> None:
    firsts = [int(digest, 16) % len(seats) for digest in digests]
    assert Modulo(seats).first(photos(digests)).tolist() == firsts
    assert Modulo(seats).order(photos(digests)).tolist() == [
        [(first + step) % len(seats) for step in range(len(seats))] for first in firsts
    ]
