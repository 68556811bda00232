"""The epoch rule: whose names a process may serve, and until when."""

from datetime import UTC, datetime

import pytest
import redis
from django.db import OperationalError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from cameras.epochs import GALLERY, current
from recognition.hub.gallery_processes import GalleryProcesses
from recognition.node.connections import connect
from recognition.people.embeddings import SPACE
from recognition.people.gallery import LiveGallery
from recognition.people.models import Membership, Template, Watchlist
from tests.faces import enrolled, template, vector

pytestmark = pytest.mark.django_db


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def live(hub: redis.Redis, clock: Clock) -> LiveGallery:
    return LiveGallery(GalleryProcesses(hub), "web-1", clock)


def served(live: LiveGallery) -> list[str]:
    return sorted(live.current().names.values())


def test_nothing_is_served_before_the_first_confirmation(live: LiveGallery) -> None:
    enrolled("Ada", vector(1))
    assert served(live) == []


def test_names_are_served_once_confirmed(live: LiveGallery) -> None:
    enrolled("Ada", vector(1))
    live.refresh()
    assert served(live) == ["Ada"]


def test_names_are_no_longer_served_two_seconds_after_the_last_confirmation(live: LiveGallery, clock: Clock) -> None:
    enrolled("Ada", vector(1))
    live.refresh()
    clock.now += 2.01
    assert served(live) == []
    assert live.current().nearest(vector(1)[None], SPACE) == [()]


def test_the_database_is_looked_at_no_more_than_once_a_second(
    live: LiveGallery, clock: Clock, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    live.refresh()
    clock.now += 0.99
    with django_assert_num_queries(0):
        live.refresh()
    clock.now += 0.02
    with django_assert_num_queries(1):
        live.refresh()


def test_a_change_is_seen_at_the_next_look(live: LiveGallery, clock: Clock) -> None:
    ada = enrolled("Ada", vector(1))
    live.refresh()
    ada.name = "Ada L."
    ada.save()
    clock.now += 1.0
    live.refresh()
    assert served(live) == ["Ada L."]


def test_a_hint_makes_the_next_refresh_look_at_once(live: LiveGallery) -> None:
    live.refresh()
    enrolled("Ada", vector(1))
    live.epoch_moved(current(GALLERY))
    live.refresh()
    assert served(live) == ["Ada"]


def test_current_never_asks_the_database(
    live: LiveGallery, clock: Clock, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    live.epoch_moved(99)
    clock.now += 10
    with django_assert_num_queries(0):
        live.current()


def test_the_hub_knows_which_epoch_each_process_has_confirmed(hub: redis.Redis, live: LiveGallery) -> None:
    enrolled("Ada", vector(1))
    live.refresh()
    assert GalleryProcesses(hub).confirmed() == {"web-1": current(GALLERY)}


def test_a_process_that_left_is_not_waited_for_and_serves_nothing(hub: redis.Redis, live: LiveGallery) -> None:
    enrolled("Ada", vector(1))
    live.refresh()
    live.leave()
    assert GalleryProcesses(hub).confirmed() == {}
    assert served(live) == []


def test_a_process_that_cannot_reach_the_hub_serves_no_names(clock: Clock) -> None:
    enrolled("Ada", vector(1))
    cut_off = LiveGallery(GalleryProcesses(connect("unix:///nowhere/hub.sock")), "web-2", clock)
    cut_off.refresh()
    assert served(cut_off) == []


def test_what_is_recorded_obeys_the_epoch_of_that_transaction(live: LiveGallery) -> None:
    ada = enrolled("Ada", vector(1))
    live.refresh()
    template(ada, vector(2))
    with transaction.atomic():
        assert len(live.for_recording()) == 2


def test_an_epoch_met_while_recording_is_confirmed_at_the_next_refresh(hub: redis.Redis, live: LiveGallery) -> None:
    live.refresh()
    enrolled("Ada", vector(1))
    with transaction.atomic():
        live.for_recording()
    live.refresh()
    assert GalleryProcesses(hub).confirmed() == {"web-1": current(GALLERY)}


@pytest.mark.django_db(transaction=True)
def test_a_process_that_cannot_read_the_epoch_serves_no_names_until_it_can(live: LiveGallery, clock: Clock) -> None:
    enrolled("Ada", vector(1))
    live.refresh()
    with connection.execute_wrapper(_no_answer):
        clock.now += 1.5
        live.refresh()
        assert served(live) == ["Ada"]
        clock.now += 1.0
        live.refresh()
        assert served(live) == []
    clock.now += 1.0
    live.refresh()
    assert served(live) == ["Ada"]


class TestExpiry:
    """Time moves no epoch on: nobody has to."""

    @pytest.fixture
    def time_of_day(self) -> Clock:
        return Clock()

    @pytest.fixture
    def live(self, hub: redis.Redis, clock: Clock, time_of_day: Clock) -> LiveGallery:
        return LiveGallery(GalleryProcesses(hub), "web-1", clock, time_of_day)

    def nearest(self, live: LiveGallery) -> list[int]:
        return [near.person_id for near in live.current().nearest(vector(1)[None], SPACE)[0]]

    def test_somebody_is_not_found_any_more_from_the_moment_on(self, live: LiveGallery, time_of_day: Clock) -> None:
        ada, bob = enrolled("Ada", vector(1)), enrolled("Bob", vector(2))
        ada.valid_until = datetime.fromtimestamp(time_of_day.now + 10, UTC)
        ada.save()
        live.refresh()
        assert self.nearest(live) == [ada.pk, bob.pk]
        time_of_day.now += 10
        assert self.nearest(live) == [bob.pk]
        with transaction.atomic():
            assert len(live.for_recording()) == 1

    def test_they_are_found_again_when_the_clock_is_set_back(self, live: LiveGallery, time_of_day: Clock) -> None:
        ada = enrolled("Ada", vector(1))
        ada.valid_until = datetime.fromtimestamp(time_of_day.now + 10, UTC)
        ada.save()
        live.refresh()
        time_of_day.now += 3600
        assert self.nearest(live) == []
        time_of_day.now -= 3600
        assert self.nearest(live) == [ada.pk]

    def test_what_was_seen_of_them_keeps_its_name(self, live: LiveGallery, time_of_day: Clock) -> None:
        ada = enrolled("Ada", vector(1))
        ada.valid_until = datetime.fromtimestamp(time_of_day.now - 10, UTC)
        ada.save()
        live.refresh()
        assert served(live) == ["Ada"]

    def test_an_expired_watchlist_gives_no_threshold(self, live: LiveGallery, time_of_day: Clock) -> None:
        expires = datetime.fromtimestamp(time_of_day.now + 10, UTC)
        staff = Watchlist.objects.create(name="Staff", threshold=0.4, expires_at=expires)
        ada = enrolled("Ada", vector(1))
        Membership.objects.create(person=ada, watchlist=staff)
        live.refresh()
        assert live.current().threshold_of(ada.pk) == 0.4
        time_of_day.now += 10
        assert live.current().threshold_of(ada.pk) is None


def _no_answer(*_: object) -> None:
    raise OperationalError("the database does not answer")


def test_templates_of_another_space_are_not_served(live: LiveGallery) -> None:
    enrolled("Ada", vector(1))
    Template.objects.filter(person=enrolled("Grace", vector(2))).update(space="other-space")
    live.refresh()
    assert served(live) == ["Ada"]
