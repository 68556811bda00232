"""Fills an empty database with the mall in which things break. Called with Django set up, in a process of its own."""

import json

from benchmarks import rows
from benchmarks.faults.people import ENROLLED, SPACE
from benchmarks.stubs.recognizer import face
from cameras import epochs
from recognition.alerts.models import AlertRule
from recognition.people.models import Person, Template


def make() -> None:
    """Prints the fields of `benchmarks.mall.Rows` as JSON."""
    filled = rows.fill()
    for number in ENROLLED:
        seen = face(number)
        Template.objects.create(
            person=Person.objects.create(name=f"Person {number}"),
            embedding=seen.embedding.astype("<f4").tobytes(),
            space=SPACE,
            crop=seen.thumbnail,
            quality=seen.quality,
            digest="",
        )
    epochs.advance(epochs.GALLERY)
    AlertRule.objects.create(name="Everyone who is enrolled")
    print(json.dumps(filled))
