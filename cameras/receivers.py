"""What listens to Django's signals, connected once all models are there."""

from django.contrib.auth.models import User
from django.db.models.signals import m2m_changed, post_migrate

from cameras.changes import watch_registry
from cameras.role_permissions import apply_role_permissions, on_membership


def connect() -> None:
    watch_registry()
    # Connected after django.contrib.auth's own receiver, which makes the permissions that this one gives away.
    post_migrate.connect(apply_role_permissions, dispatch_uid="role-permissions")
    m2m_changed.connect(on_membership, sender=User.groups.through, dispatch_uid="admin-entry")
