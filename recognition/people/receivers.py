"""Every change of who is enrolled moves the gallery's epoch on and says whom it is about, whoever makes it."""

from typing import Any

from django.db.models import Model, QuerySet
from django.db.models.signals import m2m_changed, post_save, pre_delete

from recognition.people.changes import gallery_changed
from recognition.people.models import Membership, Person, Template, Watchlist


def connect() -> None:
    for model in (Person, Template, Membership, Watchlist):
        post_save.connect(_saved, sender=model, dispatch_uid=f"gallery-saved-{model.__name__}")
        # Before, not after: the epoch's row is locked first here and in the collector, so neither waits in a circle.
        pre_delete.connect(_going, sender=model, dispatch_uid=f"gallery-deleted-{model.__name__}")
    m2m_changed.connect(_members, sender=Membership, dispatch_uid="gallery-members")


def _saved(instance: Model, **_: Any) -> None:
    _changed(instance)


def _going(sender: type[Model], instance: Model, origin: Model | QuerySet[Model] | None = None, **_: Any) -> None:
    # What goes with its person, or with its watchlist, is told of by those.
    if origin is None or (origin.model if isinstance(origin, QuerySet) else type(origin)) is sender:
        _changed(instance)


def _members(instance: Model, action: str, reverse: bool, pk_set: set[int] | None, **_: Any) -> None:
    """`person.watchlists.add()` sends no post_save. What is taken off a list is deleted, and told of as such."""
    if action == "post_add" and (added := pk_set or set()):
        gallery_changed(*(added if reverse else {instance.pk}))


def _changed(instance: Model) -> None:
    if isinstance(instance, Watchlist):
        gallery_changed()
    else:
        gallery_changed(instance.pk if isinstance(instance, Person) else instance.person_id)  # type: ignore[attr-defined]
