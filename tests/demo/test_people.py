from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import pytest
from pytest_django import Settings

from mallvision.environment import DataFolder
from recognition.alerts.models import AlertRule
from recognition.demo.people import AlreadyEnrolling, enrol_people
from recognition.node.messages import Answer
from recognition.people.models import Person, Template
from recognition.people.objections import EnrolmentRefused
from recognition.samples.catalogue import ASTRONAUT, WHITE_HOUSE
from recognition.samples.photos import PhotoFolder
from tests.faces import face, recognition, vector

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hub_url")]

NAMES = ["Eileen Collins", "Joe Biden", "Barack Obama"]


@pytest.fixture
def folder(tmp_path: Path, settings: Settings, astronaut: Path) -> PhotoFolder:
    settings.MALLVISION_DATA = DataFolder(tmp_path)
    photos = PhotoFolder(settings.MALLVISION_DATA.demo)
    photos.keep(ASTRONAUT, astronaut.read_bytes())
    for photo in WHITE_HOUSE:
        photos.keep(photo, photo.file.encode())
    return photos


def node_that_sees(*faces: int) -> Callable[[bytes], Answer]:
    """A node's answer for any photo: so many faces, unlike those of all others."""
    return lambda photo: recognition(*(face(vector(crc32(photo) + number)) for number in faces))


def test_each_person_of_the_photos_is_enrolled_once(folder: PhotoFolder) -> None:
    assert list(enrol_people(folder, node_that_sees(1))) == NAMES
    assert sorted(Person.objects.values_list("name", flat=True)) == sorted(NAMES)
    assert Template.objects.count() == 3


def test_running_again_enrols_nobody(folder: PhotoFolder) -> None:
    list(enrol_people(folder, node_that_sees(1)))
    assert list(enrol_people(folder, node_that_sees(1))) == []


def test_two_do_not_enrol_at_once(folder: PhotoFolder) -> None:
    first = enrol_people(folder, node_that_sees(1))
    next(first)
    with pytest.raises(AlreadyEnrolling):
        next(enrol_people(folder, node_that_sees(1)))
    assert [next(first), next(first)] == NAMES[1:]


def test_who_was_erased_is_not_brought_back(folder: PhotoFolder) -> None:
    list(enrol_people(folder, node_that_sees(1)))
    Person.objects.filter(name="Joe Biden").delete()
    assert list(enrol_people(folder, node_that_sees(1))) == []
    assert Person.objects.count() == 2


def test_who_is_enrolled_already_is_left_alone(folder: PhotoFolder) -> None:
    Person.objects.create(name="Barack Obama")
    assert list(enrol_people(folder, node_that_sees(1))) == ["Eileen Collins", "Joe Biden"]
    assert not Template.objects.filter(person__name="Barack Obama").exists()


def test_whose_photo_is_missing_is_enrolled_once_it_is_there(folder: PhotoFolder) -> None:
    content = folder.path(ASTRONAUT).read_bytes()
    folder.path(ASTRONAUT).unlink()
    assert list(enrol_people(folder, node_that_sees(1))) == ["Joe Biden", "Barack Obama"]
    folder.keep(ASTRONAUT, content)
    assert list(enrol_people(folder, node_that_sees(1))) == ["Eileen Collins"]


def test_one_rule_raises_an_alert_for_the_astronaut(folder: PhotoFolder) -> None:
    list(enrol_people(folder, node_that_sees(1)))
    assert [person.name for person in AlertRule.objects.get().persons.all()] == ["Eileen Collins"]


def test_the_white_houses_photos_are_looked_at_as_they_are(folder: PhotoFolder) -> None:
    looked_at: list[bytes] = []

    def node(photo: bytes) -> Answer:
        looked_at.append(photo)
        return recognition(face(vector(crc32(photo))))

    list(enrol_people(folder, node))
    assert looked_at[1:] == [b"biden.jpg", b"obama.jpg"]


def test_a_photo_that_cannot_be_enrolled_leaves_no_person(folder: PhotoFolder) -> None:
    with pytest.raises(EnrolmentRefused):
        list(enrol_people(folder, node_that_sees()))
    assert not Person.objects.exists()
    assert not AlertRule.objects.exists()
