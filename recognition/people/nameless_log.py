"""The admin's own log as an audit trail that outlives an erasure: it says which row was touched, never whose."""

import json
from collections.abc import Iterable
from typing import Any, cast

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.http import HttpRequest


class NamelessLog:
    """Beside a ModelAdmin: writes "person 12" where Django would write the person's name."""

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        return note(cast(User, request.user), obj, ADDITION, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        return note(cast(User, request.user), obj, CHANGE, message)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Model]) -> list[LogEntry]:
        return [note(cast(User, request.user), row, DELETION) for row in queryset]


def note(user: User, row: Model, flag: int, message: Any = "") -> LogEntry:
    return LogEntry.objects.create(
        user_id=user.pk,
        content_type=ContentType.objects.get_for_model(row, for_concrete_model=False),
        object_id=str(row.pk),
        object_repr=f"{row._meta.model_name} {row.pk}",
        action_flag=flag,
        change_message=json.dumps(message) if isinstance(message, list) else message,
    )
