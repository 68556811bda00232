"""An unchanged scene shows that someone is still there, and nothing more."""

from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from cameras.models import Camera
from recognition.sightings.folding import extend
from recognition.sightings.models import Sighting
from tests.faces import NOON, camera, enrolled, sighting

pytestmark = pytest.mark.django_db

GAP_S = 60.0


@pytest.fixture
def gate() -> Camera:
    return camera()


def moment(after_s: float) -> datetime:
    return NOON + timedelta(seconds=after_s)


def last_seen_s(row: Sighting) -> float:
    return (Sighting.objects.get(pk=row.pk).last_seen - NOON).total_seconds()


def test_the_last_moment_counts_in_any_order(gate: Camera) -> None:
    row = sighting(gate)
    extend({row.pk: [moment(7), moment(9), moment(8)]}, GAP_S)
    assert last_seen_s(row) == 9


def test_nothing_but_the_last_moment_changes(gate: Camera) -> None:
    row = sighting(gate, enrolled("Ada"))
    before = Sighting.objects.values().get()
    extend({row.pk: [moment(9)]}, GAP_S)
    assert Sighting.objects.values().get() == {**before, "last_seen": moment(9)}


def test_it_is_never_moved_back(gate: Camera) -> None:
    row = sighting(gate)
    extend({row.pk: [moment(-5)]}, GAP_S)
    assert last_seen_s(row) == 0


@pytest.mark.parametrize(("after_s", "seen_s"), [(60.0, 60.0), (60.1, 0.0)])
def test_one_that_is_over_is_not_taken_up_again(gate: Camera, after_s: float, seen_s: float) -> None:
    row = sighting(gate)
    extend({row.pk: [moment(after_s)]}, GAP_S)
    assert last_seen_s(row) == seen_s


def test_moments_within_the_gap_of_each_other_carry_on(gate: Camera) -> None:
    row = sighting(gate)
    extend({row.pk: [moment(100), moment(50), moment(300)]}, GAP_S)
    assert last_seen_s(row) == 100


def test_one_that_is_gone_stays_gone(gate: Camera) -> None:
    row = sighting(gate)
    Sighting.objects.all().delete()
    extend({row.pk: [moment(1)]}, GAP_S)
    assert not Sighting.objects.exists()


def test_a_batch_takes_one_query_and_one_statement(
    gate: Camera, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [sighting(gate, after_s=number) for number in range(30)]
    with django_assert_num_queries(2):
        extend({row.pk: [moment(40)] for row in rows}, GAP_S)
    assert set(Sighting.objects.values_list("last_seen", flat=True)) == {moment(40)}


def test_none_ask_nothing_of_the_database(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        extend({}, GAP_S)
