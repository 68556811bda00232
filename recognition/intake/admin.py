"""Integrators' keys and the log of what they asked; enrolling by a photo is in `enrol_admin`."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from recognition.intake import enrol_admin
from recognition.intake.models import ApiKey, IdentifyRecord
from recognition.people.read_only import ReadOnlyAdmin

__all__ = ["enrol_admin"]


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Keys are made by `manage.py create_api_key`, which alone can show one."""

    list_display = ("name", "scope", "enabled", "created_at")
    list_filter = ("scope", "enabled")
    search_fields = ("name",)
    readonly_fields = ("scope", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(IdentifyRecord)
class IdentifyRecordAdmin(ReadOnlyAdmin):
    list_display = ("at", "key_name", "client_address", "status", "faces", "known")
    list_filter = ("key_name", "status", "at")
    date_hierarchy = "at"
