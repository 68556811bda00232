import numpy as np

from benchmarks.accuracy.pairs import clean_pairs, probe_pairs
from recognition.engine.answers import Embedding

PEOPLE = ["ada", "ada", "eve"]


def _faces(*places: float | None) -> list[Embedding | None]:
    """Embeddings that lie on a line."""
    return [None if place is None else np.full(1, place, np.float32) for place in places]


def test_each_pair_of_clean_photos_counts_once() -> None:
    same, other = clean_pairs(PEOPLE, _faces(0, 1, 3))
    assert (list(same), sorted(other)) == ([1], [2, 3])


def test_a_clean_photo_without_a_face_is_left_out() -> None:
    same, other = clean_pairs(PEOPLE, _faces(0, None, 3))
    assert (list(same), list(other)) == ([], [3])


def test_a_probe_is_never_compared_with_its_own_photo() -> None:
    same, other = probe_pairs(PEOPLE, _faces(0, 1, 3), _faces(0, 1, 3))
    assert (list(same), sorted(other)) == ([1, 1], [2, 2, 3, 3])


def test_a_probe_that_was_not_found_is_as_far_away_as_can_be() -> None:
    same, _ = probe_pairs(PEOPLE, _faces(None, 1, 3), _faces(0, 1, 3))
    assert list(same) == [np.inf, 1]


def test_a_photo_that_is_missing_in_the_gallery_is_left_out() -> None:
    same, _ = probe_pairs(PEOPLE, _faces(0, 1, 3), _faces(None, 1, 3))
    assert list(same) == [1]
