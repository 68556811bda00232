from collections.abc import Iterator
from threading import Event, Thread

import pytest
import redis
from django.db import connections

from cameras.epochs import GALLERY, current
from recognition.hub.gallery_processes import GalleryProcesses
from recognition.people import erasure
from recognition.people.erasure import NotConfirmed, erase
from recognition.people.gallery import LiveGallery
from recognition.people.models import Person, Template
from recognition.sightings.models import Outcome, Sighting
from tests.faces import camera, enrolled, outcome, sighting, vector
from tests.mall import eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def living(hub: redis.Redis) -> Iterator[LiveGallery]:
    """A gallery kept fresh by a thread of its own, as the web process does."""
    live, stop = LiveGallery(GalleryProcesses(hub), "web-1"), Event()

    def keep_fresh() -> None:
        while not stop.wait(0.01):
            live.refresh()
        connections.close_all()

    thread = Thread(target=keep_fresh)
    thread.start()
    yield live
    stop.set()
    thread.join(10)


def test_the_name_is_gone_when_the_erasure_returns(living: LiveGallery) -> None:
    ada = enrolled("Ada", vector(1))
    living.epoch_moved(current(GALLERY))
    eventually(lambda: "Ada" in living.current().names.values())
    assert erase(ada).confirmed == 1
    assert living.current().names == {}


def test_everything_that_is_known_of_the_person_goes(hub: redis.Redis) -> None:
    ada, bob = enrolled("Ada", vector(1)), enrolled("Bob", vector(2))
    gate = camera()
    for person in (ada, bob, None):
        sighting(gate, person)
    erase(ada)
    assert list(Person.objects.all()) == [bob]
    assert list(Template.objects.values_list("person", flat=True)) == [bob.pk]
    assert set(Sighting.objects.values_list("person", flat=True)) == {bob.pk, None}


def test_outcomes_that_named_the_person_become_those_of_a_stranger(hub: redis.Redis) -> None:
    ada, bob = enrolled("Ada"), enrolled("Bob")
    faces = [{"person": who.pk, "sighting": 7, "verdict": "known"} for who in (ada, bob)]
    outcome(camera(), "a" * 32, faces=faces).save()
    erase(ada)
    assert Outcome.objects.get().faces == [{"person": None, "sighting": None, "verdict": "stranger"}, faces[1]]


def test_a_person_whose_number_begins_alike_keeps_their_outcomes(hub: redis.Redis) -> None:
    one, eleven = Person.objects.create(pk=1, name="One"), Person.objects.create(pk=11, name="Eleven")
    outcome(camera(), "a" * 32, faces=[{"person": eleven.pk}]).save()
    erase(one)
    assert Outcome.objects.get().faces == [{"person": eleven.pk}]


def test_the_erasure_says_how_many_processes_have_not_confirmed(
    hub: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "CONFIRM_WAIT_S", 0.1)
    ada = enrolled("Ada", vector(1))
    processes = GalleryProcesses(hub)
    processes.confirm("web-1", 0)
    processes.confirm("web-2", 10_000)
    with pytest.raises(NotConfirmed) as caught:
        erase(ada)
    assert (caught.value.missing, caught.value.living) == (1, 2)
    assert not Person.objects.exists()


def test_without_processes_nobody_is_waited_for(hub: redis.Redis) -> None:
    assert erase(enrolled("Ada")).confirmed == 0


def test_each_change_of_a_person_or_template_moves_the_epoch_on(hub: redis.Redis) -> None:
    epochs = [current(GALLERY)]
    ada = enrolled("Ada", vector(1))
    epochs.append(current(GALLERY))
    ada.templates.all().delete()
    epochs.append(current(GALLERY))
    ada.delete()
    epochs.append(current(GALLERY))
    assert epochs == sorted(set(epochs))
