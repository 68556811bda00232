"""Every change of a person or template moves the gallery's epoch on, whoever makes it."""

from typing import Any

from django.db.models.signals import post_save, pre_delete

from cameras.epochs import GALLERY, advance
from recognition.people.models import Person, Template


def connect() -> None:
    for model in (Person, Template):
        post_save.connect(_move_on, sender=model, dispatch_uid=f"gallery-saved-{model.__name__}")
        # Before, not after: the epoch's row is locked first here and in the collector, so neither waits in a circle.
        pre_delete.connect(_move_on, sender=model, dispatch_uid=f"gallery-deleted-{model.__name__}")


def _move_on(**_: Any) -> None:
    advance(GALLERY)
