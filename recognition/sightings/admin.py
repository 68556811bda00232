from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator

from cameras.scope import Scope
from recognition.people.read_only import ReadOnlyAdmin
from recognition.reasons import told
from recognition.sightings.models import Outcome, Sighting


class KnownFilter(admin.SimpleListFilter):
    title = _("who")
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("known", _("enrolled people")), ("stranger", _("strangers"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Sighting]) -> QuerySet[Sighting]:
        if self.value() in {"known", "stranger"}:
            return queryset.filter(person__isnull=self.value() == "stranger")
        return queryset


@admin.register(Sighting)
class SightingAdmin(ReadOnlyAdmin):
    list_display = ("face", "who", "camera", "first_seen", "last_seen", "frames", "quality")
    list_display_links = ("face", "who")
    list_select_related = ("camera", "person")
    list_filter = (
        KnownFilter,
        ("camera__group", admin.RelatedOnlyFieldListFilter),
        ("camera", admin.RelatedOnlyFieldListFilter),
        "last_seen",
    )
    search_fields = ("person__name",)
    fields = ("face", "who", "distance", "camera", "first_seen", "last_seen", "frames", "quality")
    readonly_fields = ("face", "who")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sighting]:
        sightings: QuerySet[Sighting] = super().get_queryset(request).defer("embedding", "thumbnail")
        return Scope(request.user).of(sightings, "camera__group")

    @admin.display(description=_("face"))
    def face(self, sighting: Sighting) -> str:
        return format_html('<img src="{}" width="72" alt="">', reverse("sighting-face", args=[sighting.pk]))

    @admin.display(description=_("who"), ordering="person__name")
    def who(self, sighting: Sighting) -> str:
        return sighting.person.name if sighting.person else gettext("stranger")


@admin.register(Outcome)
class OutcomeAdmin(ReadOnlyAdmin):
    list_display = ("snapshot", "camera", "node", "state", "way", "face_count", "took_ms", "captured_at")
    list_select_related = ("camera", "node")
    list_filter = ("state", "way", "purpose", ("camera", admin.RelatedOnlyFieldListFilter), "node")
    search_fields = ("snapshot", "digest")
    ordering = ("-pk",)
    exclude = ("reason",)
    readonly_fields = ("why",)
    paginator = InfinitePaginator  # counting millions of rows would be most of the page's time

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outcome]:
        outcomes: QuerySet[Outcome] = super().get_queryset(request)
        return Scope(request.user).of(outcomes, "camera__group")

    @admin.display(description=_("faces"))
    def face_count(self, outcome: Outcome) -> int:
        return len(outcome.faces)

    @admin.display(description=_("reason"))
    def why(self, outcome: Outcome) -> str:
        return told(outcome.reason)

    @admin.display(description=_("took, ms"))
    def took_ms(self, outcome: Outcome) -> float:
        return outcome.took_ms
