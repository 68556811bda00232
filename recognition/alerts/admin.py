from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from cameras.scope import Scope
from recognition.alerts.models import Alert, AlertRule, SystemAlert
from recognition.people.read_only import ReadOnlyAdmin


@admin.register(AlertRule)
class AlertRuleAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    list_display = ("name", "enabled", "who", "where")
    list_filter = ("enabled", "groups")
    search_fields = ("name",)
    fields = ("name", "enabled", "persons", "groups")
    autocomplete_fields = ("persons", "groups")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AlertRule]:
        rules: QuerySet[AlertRule] = super().get_queryset(request)
        return rules.prefetch_related("persons", "groups")

    @admin.display(description=_("people"))
    def who(self, rule: AlertRule) -> str:
        return ", ".join(map(str, rule.persons.all())) or gettext("everyone who is enrolled")

    @admin.display(description=_("groups"))
    def where(self, rule: AlertRule) -> str:
        return ", ".join(map(str, rule.groups.all())) or gettext("every group")


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = ("raised_at", "rule", "face", "who", "camera", "state", "acknowledged_by")
    list_select_related = ("rule", "sighting__camera", "sighting__person", "acknowledged_by")
    list_filter = (
        "state",
        ("rule", admin.RelatedOnlyFieldListFilter),
        ("sighting__camera__group", admin.RelatedOnlyFieldListFilter),
        "raised_at",
    )
    fields = ("rule", "face", "who", "camera", "raised_at", "state", "acknowledged_at", "acknowledged_by")
    readonly_fields = ("face", "who", "camera")
    actions = ("acknowledge",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alert]:
        alerts: QuerySet[Alert] = super().get_queryset(request)
        alerts = alerts.defer("sighting__embedding", "sighting__thumbnail")
        return Scope(request.user).of(alerts, "sighting__camera__group")

    @admin.display(description=_("face"))
    def face(self, alert: Alert) -> str:
        return format_html('<img src="{}" width="72" alt="">', reverse("sighting-face", args=[alert.sighting_id]))

    @admin.display(description=_("who"))
    def who(self, alert: Alert) -> str:
        person = alert.sighting.person
        return person.name if person else gettext("stranger")

    @admin.display(description=_("camera"))
    def camera(self, alert: Alert) -> str:
        return str(alert.sighting.camera)

    def has_acknowledge_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("alerts.change_alert")

    @admin.action(description=_("Acknowledge"), permissions=["acknowledge"])
    def acknowledge(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        raised = list(queryset.filter(state=Alert.State.RAISED).values_list("pk", flat=True))
        count = Alert.objects.filter(pk__in=raised, state=Alert.State.RAISED).update(
            state=Alert.State.ACKNOWLEDGED, acknowledged_at=timezone.now(), acknowledged_by=request.user
        )
        for alert in Alert.objects.filter(pk__in=raised):
            self.log_change(request, alert, "Acknowledged.")
        text = ngettext("%(count)d alert was acknowledged.", "%(count)d alerts were acknowledged.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)


@admin.register(SystemAlert)
class SystemAlertAdmin(ReadOnlyAdmin):
    list_display = ("raised_at", "kind", "about", "says", "cleared_at")
    list_filter = ("kind", ("cleared_at", admin.EmptyFieldListFilter), "raised_at")
    search_fields = ("about",)
    fields = ("kind", "about", "says", "raised_at", "cleared_at")
    readonly_fields = ("says",)

    @admin.display(description=_("what is wrong"))
    def says(self, alert: SystemAlert) -> str:
        return alert.sentence
