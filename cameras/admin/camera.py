from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cameras.admin.answer import answer_page
from cameras.admin.live import HUB_SILENT, LiveAdmin, asked_of_hub
from cameras.changes import set_cameras_enabled
from cameras.models import Camera
from cameras.scope import Scope
from cameras.tokens import issue_camera_token, revoke_camera_token
from recognition.hub.live_state import camera_states


class TokenFilter(admin.SimpleListFilter):
    title = _("token")
    parameter_name = "token"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("has one")), ("no", _("has none"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Camera]) -> QuerySet[Camera]:
        if self.value() in {"yes", "no"}:
            return queryset.filter(token_digest__isnull=self.value() == "no")
        return queryset


@admin.register(Camera)
class CameraAdmin(LiveAdmin):
    list_display = ("name", "slug", "group", "enabled", "priority", "has_token", "newest", "received")
    list_filter = ("group", "enabled", "skips_unchanged", TokenFilter)
    list_select_related = ("group",)
    search_fields = ("name", "slug")
    fields = ("name", "slug", "group", "enabled", "skips_unchanged", "priority", "deadline_s", "threshold")
    actions = ("enable", "disable", "issue_tokens", "revoke_tokens")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Camera]:
        return Scope(request.user).of(super().get_queryset(request), "group")

    def add_live_state(self, rows: Sequence[Any]) -> None:
        states = asked_of_hub(lambda hub: camera_states(hub, [camera.pk for camera in rows]))
        for camera in rows:
            vars(camera)["live"] = None if states is None else states.get(camera.pk)
            vars(camera)["hub_answers"] = states is not None

    @admin.display(description=_("token"), boolean=True)
    def has_token(self, camera: Camera) -> bool:
        return camera.token_digest is not None

    @admin.display(description=_("newest snapshot"))
    def newest(self, camera: Camera) -> Any:
        if not vars(camera)["hub_answers"]:
            return HUB_SILENT
        live = vars(camera)["live"]
        if live is None or live.newest_at_ms is None:
            return None
        return naturaltime(datetime.fromtimestamp(live.newest_at_ms / 1000, UTC))

    @admin.display(description=_("snapshots received"))
    def received(self, camera: Camera) -> int | None:
        live = vars(camera)["live"]
        return live.received if live else None

    @admin.action(description=_("Enable"), permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[Camera]) -> None:
        self._note(request, set_cameras_enabled(queryset, enabled=True), "Enabled.")

    @admin.action(description=_("Disable"), permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Camera]) -> None:
        self._note(request, set_cameras_enabled(queryset, enabled=False), "Disabled.")

    @admin.action(description=_("Issue a new token (the old one stops working)"), permissions=["change"])
    def issue_tokens(self, request: HttpRequest, queryset: QuerySet[Camera]) -> HttpResponse:
        return self._tokens_page(request, list(queryset))

    @admin.action(description=_("Revoke the token"), permissions=["change"])
    def revoke_tokens(self, request: HttpRequest, queryset: QuerySet[Camera]) -> None:
        revoked = list(queryset.filter(token_digest__isnull=False))
        with transaction.atomic():
            for camera in revoked:
                revoke_camera_token(camera)
                self.log_change(request, camera, "Revoked the token.")
        self._say_changed(request, len(revoked))

    def response_add(self, request: HttpRequest, obj: Camera, post_url_continue: str | None = None) -> HttpResponse:
        """A camera is of no use without its token: it is shown in answer to adding one."""
        if "_popup" in request.POST:
            response: HttpResponse = super().response_add(request, obj, post_url_continue)
            return response
        return self._tokens_page(request, [obj])

    def _tokens_page(self, request: HttpRequest, cameras: list[Camera]) -> HttpResponse:
        """Shows each token this once: it goes into no message, session or log."""
        with transaction.atomic():
            rows = [[camera.name, camera.slug, issue_camera_token(camera)] for camera in cameras]
            for camera in cameras:
                self.log_change(request, camera, "Issued a new token.")
        return answer_page(
            self,
            request,
            gettext("New camera tokens"),
            gettext(
                "Copy them now: they are shown this once and kept nowhere. A camera's older token has stopped working."
            ),
            {"headers": [gettext("camera"), gettext("slug"), gettext("token")], "rows": rows},
        )

    def _note(self, request: HttpRequest, changed: list[Camera], message: str) -> None:
        for row in changed:
            self.log_change(request, row, message)
        self._say_changed(request, len(changed))

    def _say_changed(self, request: HttpRequest, count: int) -> None:
        text = ngettext("%(count)d camera was changed.", "%(count)d cameras were changed.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)
