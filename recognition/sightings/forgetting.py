"""What stays behind when a person is erased or a camera is deleted, and what must not."""

from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast
from django.db.models.signals import pre_delete

from cameras.models import Camera
from recognition.people.decision import Verdict
from recognition.people.models import Person
from recognition.sightings.models import Outcome
from recognition.sightings.tallies import keep_tally_of

ROWS_AT_ONCE = 500


def connect() -> None:
    pre_delete.connect(_forget, sender=Person, dispatch_uid="forget-person-in-outcomes")
    pre_delete.connect(_keep_counts, sender=Camera, dispatch_uid="keep-tally-of-camera")


def _keep_counts(instance: Camera, **_: Any) -> None:
    keep_tally_of(instance)


def _forget(instance: Person, **_: Any) -> None:
    """The outcomes that named the person become those of a stranger."""
    # As text, since SQLite cannot look into a JSON list; what it finds is a little too much (1 is found in 12).
    naming = Outcome.objects.annotate(faces_text=Cast("faces", TextField())).filter(
        faces_text__contains=f'"person": {instance.pk}'
    )
    changed = list(naming.only("faces"))
    for outcome in changed:
        for face in outcome.faces:
            if face["person"] == instance.pk:
                face.update(person=None, sighting=None, verdict=Verdict.STRANGER)
    Outcome.objects.bulk_update(changed, ["faces"], batch_size=ROWS_AT_ONCE)
