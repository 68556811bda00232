"""A rule for one person must not become a rule for everyone because that person was erased."""

from typing import Any

from django.db.models.signals import pre_delete

from cameras.models import CameraGroup
from recognition.alerts.models import AlertRule
from recognition.people.models import Person


def connect() -> None:
    pre_delete.connect(_leave_rules_of_person, sender=Person, dispatch_uid="rules-of-erased-person")
    pre_delete.connect(_leave_rules_of_group, sender=CameraGroup, dispatch_uid="rules-of-deleted-group")


def _leave_rules_of_person(instance: Person, **_: Any) -> None:
    for rule in AlertRule.objects.filter(persons=instance):
        rule.persons.remove(instance)
        if not rule.persons.exists():
            _disable(rule)


def _leave_rules_of_group(instance: CameraGroup, **_: Any) -> None:
    for rule in AlertRule.objects.filter(groups=instance):
        rule.groups.remove(instance)
        if not rule.groups.exists():
            _disable(rule)


def _disable(rule: AlertRule) -> None:
    """Nobody named would mean everybody."""
    AlertRule.objects.filter(pk=rule.pk).update(enabled=False)
