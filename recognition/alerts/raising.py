"""Raising an alert for each rule that a sighting meets."""

from collections.abc import Sequence

from django.utils import timezone

from cameras.models import Camera
from recognition.alerts.models import Alert, AlertRule
from recognition.sightings.models import Sighting

LATE_S = 60.0


def raise_alerts(sightings: Sequence[Sighting]) -> list[Alert]:
    """The alerts that `sightings` give rise to, at most one per rule and sighting ever, in the caller's transaction.

    Strangers raise none. Nothing else writes alerts, so what the first select does not find does not exist.
    """
    known = [sighting for sighting in sightings if sighting.person_id is not None]
    rules = list(AlertRule.objects.filter(enabled=True).prefetch_related("persons", "groups")) if known else []
    if not rules:
        return []
    group_of = dict(Camera.objects.filter(pk__in={seen.camera_id for seen in known}).values_list("pk", "group_id"))
    raised = set(Alert.objects.filter(sighting__in=known).values_list("rule_id", "sighting_id"))
    now = timezone.now()
    return Alert.objects.bulk_create(
        Alert(rule=rule, sighting=sighting, raised_at=now)
        for sighting in known
        for rule in rules
        if (rule.pk, sighting.pk) not in raised and _meets(rule, sighting, group_of[sighting.camera_id])
    )


def _meets(rule: AlertRule, sighting: Sighting, group_id: int) -> bool:
    person_ids = {person.pk for person in rule.persons.all()}
    group_ids = {group.pk for group in rule.groups.all()}
    return (not person_ids or sighting.person_id in person_ids) and (not group_ids or group_id in group_ids)


def is_late(alert: Alert) -> bool:
    """Whether it tells of something that was seen well before it could be told."""
    return (alert.raised_at - alert.sighting.last_seen).total_seconds() > LATE_S
