from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display

from cameras.admin.live import STATE_COLOURS, LiveAdmin, asked_of_hub
from cameras.admin.serving import serving
from cameras.models import Assignment, Camera, CameraGroup
from cameras.scope import Scope
from recognition.hub.live_state import node_states


class AssignmentInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    model = Assignment
    fields = ("node", "weight")
    extra = 0
    tab = True


class CameraInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    """Cameras are added on their own page, which shows the new camera's token."""

    model = Camera
    fields = ("name", "slug", "enabled")
    extra = 0
    can_delete = False
    show_change_link = True
    tab = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(CameraGroup)
class CameraGroupAdmin(LiveAdmin):
    list_display = ("name", "slug", "recipe", "served", "camera_count", "node_count")
    list_filter = ("recipe", "nodes")
    search_fields = ("name", "slug")
    fields = ("name", "slug", "recipe", "staff")
    autocomplete_fields = ("staff",)
    inlines = (AssignmentInline, CameraInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CameraGroup]:
        seen = super().get_queryset(request).filter(pk__in=Scope(request.user).groups())
        counted: QuerySet[CameraGroup] = seen.annotate(
            camera_count=Count("cameras", distinct=True), node_count=Count("assignments", distinct=True)
        )
        return counted

    def add_live_state(self, rows: Sequence[Any]) -> None:
        states = asked_of_hub(node_states)
        nodes: dict[int, list[int]] = defaultdict(list)
        for assignment in Assignment.objects.filter(group__in=rows, node__enabled=True, node__cordoned=False):
            nodes[assignment.group_id].append(assignment.node_id)
        for group in rows:
            vars(group)["served"] = serving(group.recipe, nodes[group.pk], states)

    @display(description=_("served"), label=STATE_COLOURS)  # type: ignore[untyped-decorator]  # unfold has no types
    def served(self, group: CameraGroup) -> Any:
        return vars(group)["served"]

    @admin.display(description=_("cameras"), ordering="camera_count")
    def camera_count(self, group: Any) -> int:
        count: int = group.camera_count
        return count

    @admin.display(description=_("nodes"), ordering="node_count")
    def node_count(self, group: Any) -> int:
        count: int = group.node_count
        return count
