"""Moving epochs on, and telling the other processes that they moved."""

import logging

import redis
from django.db import transaction
from django.db.models import F

from cameras.models import Epoch
from recognition.hub.announcements import announce_epoch
from recognition.hub.sync import hub

REGISTRY = "registry"
GALLERY = "gallery"

log = logging.getLogger(__name__)


def current(name: str) -> int:
    return Epoch.objects.filter(name=name).values_list("number", flat=True).first() or 0


def hold(name: str) -> None:
    """Locks the epoch's row until the caller's transaction ends.

    To be called before that locks any other row: who erases or records locks this one first too.
    """
    Epoch.objects.select_for_update().filter(name=name).first()


def advance(name: str) -> int:
    """Moves the epoch on within the caller's transaction; it is announced once that has committed."""
    with transaction.atomic():
        Epoch.objects.get_or_create(name=name)
        Epoch.objects.filter(name=name).update(number=F("number") + 1)
        number = current(name)
    transaction.on_commit(lambda: announce(name, number))
    return number


def announce(name: str, number: int) -> None:
    """Only a hint: every process also looks at the epoch's row each second."""
    try:
        announce_epoch(hub(), name, number)
    except redis.RedisError as error:
        log.warning("epoch %s %d could not be announced: %s", name, number, type(error).__name__)
