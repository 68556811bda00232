"""When a sighting matters, and when the installation itself needs somebody."""

from typing import Literal, TypeAlias

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.models import CameraGroup
from recognition.alerts.sentences import SENTENCES
from recognition.people.models import Person
from recognition.reasons import told
from recognition.sightings.models import Sighting

Severity: TypeAlias = Literal["bad", "warning"]


class AlertRule(models.Model):
    """Raises an alert when one of its people is seen in one of its groups; none named means any."""

    name = models.CharField(max_length=120)
    enabled = models.BooleanField(default=True)
    persons = models.ManyToManyField(Person, blank=True, help_text=_("Empty: everyone who is enrolled."))
    groups = models.ManyToManyField(CameraGroup, blank=True, help_text=_("Empty: every group."))

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Alert(models.Model):
    """A rule met a sighting. The primary key is its event number."""

    class State(models.TextChoices):
        RAISED = "raised", _("raised")
        ACKNOWLEDGED = "acknowledged", _("acknowledged")

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="alerts")
    sighting = models.ForeignKey(Sighting, on_delete=models.CASCADE, related_name="alerts")
    state = models.CharField(max_length=12, choices=State.choices, default=State.RAISED)
    raised_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=("rule", "sighting"), name="one_alert_per_rule_and_sighting"),)

    def __str__(self) -> str:
        return f"{self.rule}: {self.sighting}"


class SystemAlert(models.Model):
    """Something is wrong with the installation itself, from raised_at until cleared_at.

    about: the node's name where it is about a node, else empty. detail: a bare figure or reason, which the kind's
    sentence puts into words.
    """

    class Kind(models.TextChoices):
        NODE_DOWN = "node_down", _("node down")
        NODE_DEGRADED = "node_degraded", _("node degraded")
        HUB_DOWN = "hub_down", _("hub down")
        HUB_SLOW = "hub_slow", _("hub slow")
        DISK_FULL = "disk_full", _("disk nearly full")
        FAILING = "failing", _("snapshots fail")
        COLLECTOR_LATE = "collector_late", _("collector late")
        COLLECTOR_SILENT = "collector_silent", _("no collector")
        MONITOR_SILENT = "monitor_silent", _("monitor silent")
        NO_FACE = "no_face", _("no face anywhere")

    kind = models.CharField(max_length=16, choices=Kind.choices)
    about = models.CharField(max_length=63, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    raised_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "about"),
                condition=models.Q(cleared_at__isnull=True),
                name="one_open_system_alert_of_each",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.about}".strip()

    @property
    def severity(self) -> Severity:
        return "warning" if self.kind in WARNINGS else "bad"

    @property
    def sentence(self) -> str:
        """What is wrong, in the reader's language."""
        return str(SENTENCES[self.kind]) % {"about": self.about, "text": told(self.detail)}


# What still works as it should, for now.
WARNINGS = frozenset({SystemAlert.Kind.NODE_DEGRADED, SystemAlert.Kind.HUB_SLOW, SystemAlert.Kind.NO_FACE})
