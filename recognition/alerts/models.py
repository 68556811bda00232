"""When a sighting matters."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.models import CameraGroup
from recognition.people.models import Person
from recognition.sightings.models import Sighting


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
