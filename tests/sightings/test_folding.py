"""The laws of folding faces into sightings."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from django.db import connection
from django.db.models.signals import post_init
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from cameras.models import Camera
from recognition.people.embeddings import SPACE, Float32
from recognition.people.models import Person
from recognition.sightings.folding import SeenFace, fold
from recognition.sightings.models import Sighting
from tests.faces import NOON, at_distance, camera, enrolled, face, nobody, somebody, vector

pytestmark = pytest.mark.django_db

GAP_S = 60.0


@pytest.fixture
def gate() -> Camera:
    return camera()


@pytest.fixture
def ada() -> Person:
    return enrolled("Ada")


def moment(after_s: float) -> datetime:
    return NOON + timedelta(seconds=after_s)


def stranger(at: Camera, after_s: float, embedding: Float32, quality: float = 0.5) -> SeenFace:
    return SeenFace(at.pk, moment(after_s), face(embedding, quality), SPACE, nobody())


def known(at: Camera, after_s: float, person: Person, distance: float = 0.3, seed: int = 1) -> SeenFace:
    return SeenFace(at.pk, moment(after_s), face(vector(seed)), SPACE, somebody(person.pk, distance))


def test_repeats_within_the_gap_fold(gate: Camera, ada: Person) -> None:
    for after_s in (0, 30, 90):
        fold([known(gate, after_s, ada)], GAP_S)
    row = Sighting.objects.get()
    assert (row.first_seen, row.last_seen, row.frames) == (moment(0), moment(90), 3)


def test_a_repeat_beyond_the_gap_is_a_new_sighting(gate: Camera, ada: Person) -> None:
    fold([known(gate, 0, ada)], GAP_S)
    fold([known(gate, 60.1, ada)], GAP_S)
    assert Sighting.objects.count() == 2


def test_a_frame_that_arrives_late_extends_the_sighting_backwards(gate: Camera, ada: Person) -> None:
    fold([known(gate, 100, ada)], GAP_S)
    fold([known(gate, 50, ada)], GAP_S)
    row = Sighting.objects.get()
    assert (row.first_seen, row.last_seen) == (moment(50), moment(100))


def test_a_person_at_two_cameras_is_sighted_at_both(gate: Camera, ada: Person) -> None:
    fold([known(gate, 0, ada), known(camera("gate-2"), 0, ada)], GAP_S)
    assert Sighting.objects.count() == 2


def test_a_stranger_folds_by_likeness(gate: Camera) -> None:
    fold([stranger(gate, 0, vector(1))], GAP_S)
    fold([stranger(gate, 1, at_distance(vector(1), 0.5))], GAP_S)
    assert Sighting.objects.get().frames == 2


def test_strangers_apart_stay_apart(gate: Camera) -> None:
    fold([stranger(gate, 0, vector(1))], GAP_S)
    fold([stranger(gate, 1, vector(2))], GAP_S)
    assert Sighting.objects.count() == 2


def test_a_stranger_does_not_fold_into_a_known_sighting(gate: Camera, ada: Person) -> None:
    fold([known(gate, 0, ada, seed=1)], GAP_S)
    fold([stranger(gate, 1, vector(1))], GAP_S)
    assert Sighting.objects.count() == 2


def test_a_stranger_of_another_space_does_not_fold(gate: Camera) -> None:
    fold([stranger(gate, 0, vector(1))], GAP_S)
    fold([SeenFace(gate.pk, moment(1), face(vector(1)), "other-space", nobody())], GAP_S)
    assert Sighting.objects.count() == 2


def test_two_faces_of_one_moment_are_two_sightings(gate: Camera) -> None:
    fold([stranger(gate, 0, vector(1)), stranger(gate, 0, at_distance(vector(1), 0.1))], GAP_S)
    assert Sighting.objects.count() == 2


def test_two_like_faces_keep_to_their_own_sightings(gate: Camera) -> None:
    twin = at_distance(vector(1), 0.4)
    for after_s in range(4):
        fold([stranger(gate, after_s, vector(1)), stranger(gate, after_s, twin)], GAP_S)
    assert sorted(Sighting.objects.values_list("frames", flat=True)) == [4, 4]


def test_the_best_face_is_kept(gate: Camera) -> None:
    better = at_distance(vector(1), 0.2)
    fold([stranger(gate, 0, vector(1), 0.4)], GAP_S)
    fold([stranger(gate, 1, better, 0.8)], GAP_S)
    fold([stranger(gate, 2, vector(1), 0.3)], GAP_S)
    row = Sighting.objects.get()
    assert row.quality == 0.8
    np.testing.assert_array_equal(np.frombuffer(row.embedding, "<f4"), better)


def test_the_distance_is_the_smallest_seen(gate: Camera, ada: Person) -> None:
    for after_s, distance in enumerate((0.4, 0.2, 0.5)):
        fold([known(gate, after_s, ada, distance)], GAP_S)
    assert Sighting.objects.get().distance == 0.2


def test_each_face_is_told_its_sighting_in_the_order_given(gate: Camera, ada: Person) -> None:
    later, other, first = fold([known(gate, 1, ada), stranger(gate, 1, vector(9)), known(gate, 0, ada)], GAP_S)
    assert later is first
    assert (first.person_id, other.person_id) == (ada.pk, None)
    assert {first.pk, other.pk} == set(Sighting.objects.values_list("pk", flat=True))


def test_no_faces_ask_nothing_of_the_database(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert fold([], GAP_S) == []


def test_a_batch_takes_few_queries(
    gate: Camera, ada: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    fold([known(gate, 0, ada)] + [stranger(gate, 0, vector(seed)) for seed in range(20)], GAP_S)
    batch = [known(gate, 1, ada)] + [stranger(gate, 1, vector(seed), 0.9) for seed in range(10, 40)]
    with django_assert_max_num_queries(6):
        fold(batch, GAP_S)


def test_a_frame_from_long_ago_does_not_load_all_that_was_since(gate: Camera, ada: Person) -> None:
    fold([stranger(gate, day * 86_400, vector(day)) for day in range(1, 30)], GAP_S)
    loaded = rows_loaded(lambda: fold([stranger(gate, 0, vector(1)), stranger(gate, 30 * 86_400, vector(2))], GAP_S))
    assert loaded == 2  # both are new


def test_frames_of_a_batch_that_lie_apart_each_continue_their_sighting(gate: Camera, ada: Person) -> None:
    fold([known(gate, 0, ada), known(gate, 10_000, ada)], GAP_S)
    fold([known(gate, 10_050, ada), known(gate, -50, ada), stranger(gate, 5_000, vector(1))], GAP_S)
    assert sorted(Sighting.objects.values_list("frames", flat=True)) == [1, 2, 2]


def rows_loaded(work: Callable[[], object]) -> int:
    """How many sightings are made of rows, or anew, meanwhile."""
    count = 0

    def counted(**_: object) -> None:
        nonlocal count
        count += 1

    post_init.connect(counted, sender=Sighting)
    try:
        work()
    finally:
        post_init.disconnect(counted, sender=Sighting)
    return count


def test_faces_are_encrypted_at_rest(gate: Camera) -> None:
    fold([stranger(gate, 0, vector(1))], GAP_S)
    fold([stranger(gate, 1, vector(1), 0.9)], GAP_S)
    with connection.cursor() as cursor:
        cursor.execute("SELECT embedding, thumbnail FROM sightings_sighting")
        embedding, thumbnail = (bytes(value) for value in cursor.fetchone())
    assert vector(1).tobytes()[:8] not in embedding
    assert b"\xff\xd8\xff" not in thumbnail
    assert embedding.startswith(b"gAAAA")  # a Fernet token
    assert thumbnail.startswith(b"gAAAA")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(moments_s=st.lists(st.integers(0, 600), min_size=1, max_size=20, unique=True), data=st.data())
def test_a_batch_folds_the_same_in_any_order(
    gate: Camera, ada: Person, moments_s: list[int], data: st.DataObject
) -> None:
    Sighting.objects.all().delete()
    shuffled = data.draw(st.permutations(moments_s))
    fold([known(gate, after_s, ada) for after_s in shuffled], GAP_S)
    ordered = sorted(moments_s)
    pauses = sum(later - earlier > GAP_S for earlier, later in pairwise(ordered))
    assert Sighting.objects.count() == 1 + pauses
    assert sum(Sighting.objects.values_list("frames", flat=True)) == len(moments_s)
