"""Who is nearest to a face: exactly, by whichever way it is looked for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recognition.people import block as block_module
from recognition.people.block import Block, Nearest
from recognition.people.embeddings import SPACE, Float32, OtherSpace
from recognition.people.half_precision import HalfIndex
from recognition.people.index import Enrolled, Gallery
from tests.faces import at_distance, vector

SEEDS = st.integers(0, 2**32 - 1)


def block_of(matrix: Float32, person_ids: list[int] | None = None, vetoes: list[bool] | None = None) -> Block:
    rows = len(matrix)
    whose = np.array(range(rows) if person_ids is None else person_ids, np.int64)
    return Block.of(matrix, whose, np.array(vetoes or [False] * rows, np.bool_))


def gallery_of(matrix: Float32, person_ids: list[int] | None = None, vetoes: list[bool] | None = None) -> Gallery:
    return Gallery.of(1, Enrolled(templates=block_of(matrix, person_ids, vetoes)), {})


def people(near: Nearest) -> list[int]:
    return [candidate.person_id for candidate in near]


def by_brute_force(
    matrix: Float32, person_ids: list[int], vetoes: list[bool], probe: Float32
) -> list[tuple[int, float]]:
    """Each person by their nearest template, as face_recognition computes distances; the vetoed are left out."""
    distances = np.linalg.norm(matrix - probe, axis=1)
    nearest: dict[int, tuple[float, bool]] = {}
    for person, distance, veto in zip(person_ids, distances.tolist(), vetoes, strict=True):
        nearest[person] = min(nearest.get(person, (np.inf, False)), (distance, not veto))
    return sorted(
        ((person, distance) for person, (distance, is_it) in nearest.items() if is_it), key=lambda one: one[1]
    )


@st.composite
def enrolments(draw: st.DrawFn) -> tuple[Float32, list[int], list[bool], Float32]:
    """Templates of a few people, some of them vetoes, and a face somewhere near one of them."""
    rows = draw(st.integers(1, 40))
    person_ids = draw(st.lists(st.integers(1, 8), min_size=rows, max_size=rows))
    vetoes = draw(st.lists(st.booleans(), min_size=rows, max_size=rows))
    random = np.random.default_rng(draw(SEEDS))
    matrix = random.normal(0, 0.12, (rows, 128)).astype(np.float32)
    probe = at_distance(matrix[draw(st.integers(0, rows - 1))], draw(st.floats(0.0, 1.2)), draw(st.integers(0, 999)))
    return matrix, person_ids, vetoes, probe


@given(enrolments())
def test_the_two_nearest_people_are_those_by_brute_force(
    enrolment: tuple[Float32, list[int], list[bool], Float32],
) -> None:
    matrix, person_ids, vetoes, probe = enrolment
    (near,) = gallery_of(matrix, person_ids, vetoes).nearest(probe[None], SPACE)
    expected = by_brute_force(matrix, person_ids, vetoes, probe)[:2]
    assert people(near) == [person for person, _ in expected]
    assert [one.distance for one in near] == pytest.approx([distance for _, distance in expected], abs=1e-6)


@given(enrolments(), st.integers(0, 9))
@settings(deadline=None)  # the first one loads faiss
def test_half_precision_gives_the_same_people_and_distances(
    enrolment: tuple[Float32, list[int], list[bool], Float32], crowd: int
) -> None:
    """Also where a crowd of nearly equal templates fills the first ten."""
    matrix, person_ids, vetoes, probe = enrolment
    crowd_rows = [at_distance(probe, 0.3 + place * 1e-5, 7) for place in range(crowd * 5)]
    matrix = np.stack([*matrix, *crowd_rows, *(vector(seed) * 3 for seed in range(60))])
    person_ids = [*person_ids, *[9] * len(crowd_rows), *range(100, 160)]
    vetoes = [*vetoes, *[False] * (len(crowd_rows) + 60)]
    exact = block_of(matrix, person_ids, vetoes)
    half = Block(exact.matrix, exact.person_ids, exact.vetoes, exact.squares, HalfIndex(exact.matrix))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block_module, "MOST_NEIGHBOURS", len(matrix))
        assert half.nearest(probe[None]) == exact.nearest(probe[None])


def test_a_large_gallery_is_searched_in_half_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block_module, "HALF_FROM_ROWS", 20)
    assert block_of(np.stack([vector(seed) for seed in range(19)])).half is None
    assert block_of(np.stack([vector(seed) for seed in range(20)])).half is not None


def test_many_faces_give_what_each_one_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block_module, "DISTANCES_AT_ONCE", 100)  # a few at once
    matrix = np.stack([vector(seed) for seed in range(30)])
    known = gallery_of(matrix)
    assert known.nearest(matrix, SPACE) == [known.nearest(one[None], SPACE)[0] for one in matrix]


def test_a_template_found_again_is_at_distance_zero() -> None:
    matrix = np.stack([vector(seed) for seed in range(50)])
    found = gallery_of(matrix).nearest(matrix, SPACE)
    assert [(near[0].person_id, near[0].distance) for near in found] == [(row, 0.0) for row in range(50)]


def test_a_person_is_as_near_as_the_nearest_of_their_templates() -> None:
    matrix = np.stack([vector(1), vector(2), vector(3)])
    (near,) = gallery_of(matrix, [7, 7, 8]).nearest(vector(2)[None], SPACE)
    assert people(near) == [7, 8]


def test_a_veto_that_is_nearest_passes_its_person_over() -> None:
    matrix = np.stack([vector(1), at_distance(vector(1), 0.3), vector(2)])
    known = gallery_of(matrix, [7, 7, 8], [False, True, False])
    assert people(known.nearest(at_distance(vector(1), 0.25)[None], SPACE)[0]) == [8]
    assert people(known.nearest(vector(1)[None], SPACE)[0]) == [7, 8]


def test_a_veto_of_one_person_says_nothing_about_another() -> None:
    matrix = np.stack([vector(1), vector(1)])
    assert people(gallery_of(matrix, [7, 8], [True, False]).nearest(vector(1)[None], SPACE)[0]) == [8]


def test_the_same_face_as_template_and_as_veto_is_not_the_person() -> None:
    matrix = np.stack([vector(1), vector(1)])
    assert gallery_of(matrix, [7, 7], [False, True]).nearest(vector(1)[None], SPACE) == [[]]


def test_embeddings_of_another_space_are_refused() -> None:
    with pytest.raises(OtherSpace, match="other-space"):
        gallery_of(vector(1)[None]).nearest(vector(1)[None], "other-space")


@pytest.mark.parametrize("half", [False, True])
def test_an_embedding_that_is_not_a_number_is_near_nobody(half: bool) -> None:
    exact = block_of(vector(1)[None])
    known = Block(
        exact.matrix, exact.person_ids, exact.vetoes, exact.squares, HalfIndex(exact.matrix) if half else None
    )
    (near,) = known.nearest(np.full((1, 128), np.nan, np.float32))
    assert list(near) == []


def test_an_empty_gallery_knows_nobody() -> None:
    assert Gallery(1).nearest(np.stack([vector(1), vector(2)]), SPACE) == [(), ()]


def test_no_faces_give_no_answers() -> None:
    assert gallery_of(vector(1)[None]).nearest(np.empty((0, 128), np.float32), SPACE) == []
