"""Enrols the people of the demo's photos, once each: who was erased since is not brought back."""

import fcntl
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from recognition.alerts.models import AlertRule
from recognition.demo.scenes import portrait
from recognition.intake.enrolling import digest_of
from recognition.node.messages import Answer
from recognition.people.authors import By
from recognition.people.enrolment import enrol, face_on
from recognition.people.models import Person
from recognition.samples.catalogue import ASTRONAUT, WHITE_HOUSE, Photo
from recognition.samples.photos import PhotoFolder

NOTE = "From the demo's photos."
RULE = "A guest of honour is here"

_ENROLLED_FROM = (ASTRONAUT, *(photo for photo in WHITE_HOUSE if photo.file in {"obama.jpg", "biden.jpg"}))


class AlreadyEnrolling(Exception):
    """Another process is at it."""


@dataclass(frozen=True, slots=True)
class EnrolledNames:
    """Whom the demo has enrolled before."""

    path: Path

    def read(self) -> list[str]:
        return list(json.loads(self.path.read_text())) if self.path.exists() else []

    def add(self, name: str) -> None:
        self.path.write_text(json.dumps([*self.read(), name]))


def enrol_people(folder: PhotoFolder, recognise: Callable[[bytes], Answer]) -> Iterator[str]:
    """Yields the names of those it enrols. recognise: has a node look at a photo; what it raises goes through.

    Whose photo is not there yet is enrolled another time. Raises AlreadyEnrolling.
    """
    before = EnrolledNames(folder.root / "enrolled.json")
    with _alone(folder.root / "enrolling.lock"):
        for photo in _ENROLLED_FROM:
            if photo.person in before.read() or not folder.has(photo):
                continue
            if Person.objects.filter(name=photo.person).exists():
                before.add(photo.person)
                continue
            _enrol(photo, _enrolment_photo(photo, folder), recognise)
            before.add(photo.person)
            yield photo.person


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Two processes would both find that somebody is not enrolled yet."""
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyEnrolling from None
        yield


def _enrolment_photo(photo: Photo, folder: PhotoFolder) -> bytes:
    """A photo with one face. On the astronaut's the detector takes a patch of the suit for a second one."""
    path = folder.path(photo)
    return portrait(path) if photo is ASTRONAUT else path.read_bytes()


def _enrol(photo: Photo, content: bytes, recognise: Callable[[bytes], Answer]) -> None:
    face = face_on(recognise(content), digest_of(content))
    with transaction.atomic():
        person = Person(name=photo.person, note=NOTE)
        enrol(person, face, By())
        if photo is ASTRONAUT:
            AlertRule.objects.create(name=RULE).persons.add(person)
