"""An admin page that shows and never edits."""

from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin

from recognition.people.nameless_log import NamelessLog


class ReadOnlyAdmin(NamelessLog, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Rows that the product writes; permissions still decide who may see or delete them."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
