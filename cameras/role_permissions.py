"""Makes the database agree with the tables of cameras/roles.py."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission, User

from cameras.roles import ROLE_PERMISSIONS, ROLES


def apply_role_permissions(app_config: AppConfig, using: str, **_: Any) -> None:
    """After each migration (and each flush), for the app that was migrated: exactly the table, nothing beside it.

    The rows are made here too, because flushing a database takes what the migration made.
    """
    permissions = Permission.objects.using(using).filter(content_type__app_label=app_config.label)
    by_name = {
        (permission.content_type.model, permission.codename): permission
        for permission in permissions.select_related("content_type")
    }
    if not by_name:
        return
    for role in ROLES:
        group, _made = Group.objects.using(using).get_or_create(name=role)
        wanted = {by_name[name] for name in _named(ROLE_PERMISSIONS[role], app_config.label) if name in by_name}
        held = set(group.permissions.filter(content_type__app_label=app_config.label))
        group.permissions.remove(*(held - wanted))
        group.permissions.add(*(wanted - held))


def _named(table: Mapping[str, str], app_label: str) -> Iterator[tuple[str, str]]:
    """(model, codename) of each permission that `table` gives in the app."""
    for label, actions in table.items():
        app, model = label.split(".")
        if app == app_label:
            for action in actions.split():
                yield model, f"{action}_{model}"


def set_admin_entry(user: User) -> None:
    """Whoever holds a role may enter the admin, where the role's permissions decide what is there; others may not."""
    wanted = user.is_superuser or user.groups.filter(name__in=ROLES).exists()
    if user.is_staff != wanted:
        user.is_staff = wanted
        user.save(update_fields=["is_staff"])


def on_membership(instance: User | Group, action: str, reverse: bool, pk_set: set[int] | None, **_: Any) -> None:
    """Receiver of m2m_changed on User.groups, from either side."""
    if not action.startswith("post_"):
        return
    users = User.objects.filter(pk__in=pk_set or ()) if reverse else User.objects.filter(pk=instance.pk)
    for user in users:
        set_admin_entry(user)
    if isinstance(instance, User):
        instance.refresh_from_db(fields=["is_staff"])
