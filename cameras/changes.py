"""Moves the registry's epoch on with every change of what it holds, in the transaction of the change.

Signals do not see `queryset.update()` and `bulk_create()`: whoever uses them calls `registry_changed()` inside the
same transaction, as the functions at the end do.
"""

from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models.signals import m2m_changed, post_delete, post_save

from cameras.epochs import REGISTRY, advance
from cameras.models import Assignment, Camera, CameraGroup, Node

_WITHOUT_EFFECT = frozenset({"last_login", "password"})  # fields of a user that change nobody's rights


def registry_changed() -> None:
    advance(REGISTRY)


def watch(model: type[models.Model]) -> None:
    """From now on every saving and deleting of a `model` moves the registry's epoch on."""
    post_save.connect(_on_row, sender=model, dispatch_uid=f"registry-save-{model._meta.label}")
    post_delete.connect(_on_row, sender=model, dispatch_uid=f"registry-delete-{model._meta.label}")


def watch_registry() -> None:
    for model in (CameraGroup, Camera, Node, Assignment, CameraGroup.staff.through):
        watch(model)
    # Who is in sight of what is the registry's too: open pages look again.
    post_delete.connect(_on_row, sender=User, dispatch_uid="registry-delete-user")
    post_save.connect(_on_user, sender=User, dispatch_uid="registry-save-user")
    for through in (CameraGroup.nodes.through, CameraGroup.staff.through, User.groups.through):
        m2m_changed.connect(_on_members, sender=through, dispatch_uid=f"registry-{through._meta.label}")


def _on_row(**_: Any) -> None:
    registry_changed()


def _on_user(created: bool, update_fields: frozenset[str] | None, **_: Any) -> None:
    if not created and not (update_fields and update_fields <= _WITHOUT_EFFECT):
        registry_changed()


def _on_members(action: str, **_: Any) -> None:
    if action.startswith("post_"):
        registry_changed()


def set_cameras_enabled(cameras: models.QuerySet[Camera], enabled: bool) -> list[Camera]:
    """Those that were changed."""
    with transaction.atomic():
        changed = list(cameras.exclude(enabled=enabled))
        cameras.update(enabled=enabled)
        registry_changed()
    return changed


def set_nodes_cordoned(nodes: models.QuerySet[Node], cordoned: bool) -> list[Node]:
    """Those that were changed. A cordoned node takes no new photos, and finishes those that it has."""
    with transaction.atomic():
        changed = list(nodes.exclude(cordoned=cordoned))
        nodes.update(cordoned=cordoned)
        registry_changed()
    return changed


def set_nodes_enabled(nodes: models.QuerySet[Node], enabled: bool) -> list[Node]:
    """Those that were changed."""
    with transaction.atomic():
        changed = list(nodes.exclude(enabled=enabled))
        nodes.update(enabled=enabled)
        registry_changed()
    return changed
