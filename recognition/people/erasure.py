"""Erasing people: once `erase` has returned, no process serves their names."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import redis
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cameras.epochs import GALLERY, current
from recognition.hub.gallery_processes import LISTED_S, GalleryProcesses
from recognition.hub.sync import hub
from recognition.people.changes import gallery_changed
from recognition.people.gallery import SERVES_UNCONFIRMED_S
from recognition.people.models import Person

CONFIRM_WAIT_S = LISTED_S + 2.0  # a process killed a moment ago drops off the list before
ASK_EVERY_S = 0.02


class NotConfirmed(Exception):
    """Erased, but some living processes have not said that they know. They serve no names until they do."""

    def __init__(self, missing: int, living: int) -> None:
        self.missing, self.living = missing, living
        text = _(
            "Erased, but %(missing)d of %(living)d processes have not confirmed; they show no names until they do."
        )
        super().__init__(text % {"missing": missing, "living": living})


@dataclass(frozen=True, slots=True)
class Erasure:
    """How many living processes confirmed; None when the hub did not answer and the wait was for their silence."""

    confirmed: int | None

    @property
    def sentence(self) -> str:
        if self.confirmed is None:
            return _("Erased. The hub does not answer; processes that cannot confirm it show no names.")
        text = ngettext(
            "Erased: %(count)d process has confirmed that it no longer knows the name.",
            "Erased: %(count)d processes have confirmed that they no longer know the name.",
            self.confirmed,
        )
        return text % {"count": self.confirmed}


def erase(*persons: Person) -> Erasure:
    """Removes everything that is known of `persons`, and waits until every living process has confirmed.

    Raises NotConfirmed after CONFIRM_WAIT_S; they are erased then too. Stands outside of any transaction.
    """
    return await_confirmation(remove(persons))


def remove(persons: Sequence[Person]) -> int:
    """The first half of `erase`: the gallery's epoch from which on they are gone, once this is committed.

    Templates, sightings and alerts go with their person; receivers in the rooms above take care of the rest.
    """
    with transaction.atomic():
        ids = [person.pk for person in persons]
        gallery_changed(*ids)  # first: waits for a collector that is writing down names of the epoch before
        Person.objects.filter(pk__in=ids).delete()
        return current(GALLERY)


def await_confirmation(epoch: int) -> Erasure:
    """The second half of `erase`, after the commit."""
    began = time.monotonic()
    processes = GalleryProcesses(hub())
    try:
        while True:
            living = processes.confirmed()
            missing = sum(number < epoch for number in living.values())
            if not missing:
                return Erasure(len(living))
            if time.monotonic() - began > CONFIRM_WAIT_S:
                raise NotConfirmed(missing, len(living))
            time.sleep(ASK_EVERY_S)
    except redis.RedisError:
        # Whoever could not confirm since the commit falls silent by itself.
        time.sleep(max(0.0, began + SERVES_UNCONFIRMED_S - time.monotonic()))
        return Erasure(None)
