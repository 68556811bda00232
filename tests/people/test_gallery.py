import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recognition.people.embeddings import SPACE, Float32, OtherSpace, distances, row_squares
from recognition.people.gallery import Gallery, empty_gallery, load_gallery
from tests.faces import at_distance, enrolled, vector

LIMIT = 0.6  # the default of MALLVISION_MATCH_DISTANCE


def gallery_of(matrix: Float32) -> Gallery:
    rows = len(matrix)
    return Gallery(1, SPACE, matrix, np.arange(rows, dtype=np.int64), {row: f"person {row}" for row in range(rows)})


def face_distance(matrix: Float32, embedding: Float32) -> Float32:
    """As the face_recognition package computes it."""
    away: Float32 = np.linalg.norm(matrix - embedding, axis=1)
    return away


@given(templates=st.integers(1, 40), probes=st.integers(1, 12), seed=st.integers(0, 2**32 - 1))
def test_distances_equal_those_of_face_recognition(templates: int, probes: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    matrix, asked = (random.normal(0, 0.12, (n, 128)).astype(np.float32) for n in (templates, probes))
    expected = np.stack([face_distance(matrix, probe) for probe in asked])
    np.testing.assert_allclose(distances(asked, matrix, row_squares(matrix)), expected, atol=1e-3)


@given(templates=st.integers(1, 40), spread=st.floats(0.0, 1.2), seed=st.integers(0, 2**32 - 1))
def test_the_answer_is_the_nearest_template_by_brute_force(templates: int, spread: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    matrix = random.normal(0, 0.12, (templates, 128)).astype(np.float32)
    probe = at_distance(matrix[random.integers(templates)], spread, seed % 1000)
    expected = face_distance(matrix, probe)
    (match,) = gallery_of(matrix).identify(probe[None], SPACE)
    if match is None:
        assert expected.min() > LIMIT - 1e-3
    else:
        assert match.distance <= LIMIT
        assert match.distance == pytest.approx(expected.min(), abs=1e-3)
        assert expected[match.person_id] == pytest.approx(expected.min(), abs=2e-3)


def test_a_template_found_again_is_at_distance_zero_not_at_not_a_number() -> None:
    matrix = np.stack([vector(seed) for seed in range(50)])
    found = gallery_of(matrix).identify(matrix, SPACE)
    assert [match.person_id for match in found if match] == list(range(50))
    assert all(match.distance < 2e-3 for match in found if match)


def test_a_face_beyond_the_match_distance_is_nobody() -> None:
    known = gallery_of(vector(1)[None])
    assert known.identify(at_distance(vector(1), 0.59)[None], SPACE) != [None]
    assert known.identify(at_distance(vector(1), 0.61)[None], SPACE) == [None]


def test_embeddings_of_another_space_are_refused() -> None:
    with pytest.raises(OtherSpace, match="other-space"):
        gallery_of(vector(1)[None]).identify(vector(1)[None], "other-space")


def test_an_embedding_that_is_not_a_number_matches_nobody() -> None:
    assert gallery_of(vector(1)[None]).identify(np.full((1, 128), np.nan, np.float32), SPACE) == [None]


def test_an_empty_gallery_knows_nobody() -> None:
    assert empty_gallery().identify(np.stack([vector(1), vector(2)]), SPACE) == [None, None]


def test_no_faces_give_no_answers() -> None:
    assert gallery_of(vector(1)[None]).identify(np.empty((0, 128), np.float32), SPACE) == []


@pytest.mark.django_db
def test_the_loaded_gallery_knows_each_person_by_each_of_their_templates() -> None:
    ada = enrolled("Ada", vector(1), vector(2))
    bob = enrolled("Bob", vector(3))
    found = load_gallery(7).identify(np.stack([vector(seed) for seed in (2, 3, 1, 4)]), SPACE)
    assert [match and (match.person_id, match.name) for match in found] == [
        (ada.pk, "Ada"),
        (bob.pk, "Bob"),
        (ada.pk, "Ada"),
        None,
    ]


@pytest.mark.django_db
def test_someone_without_templates_is_in_no_gallery() -> None:
    enrolled("Ada")
    assert load_gallery(1).names == {}
