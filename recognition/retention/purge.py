"""Deleting what has been kept for as long as the settings say, and no longer."""

from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils import timezone

from recognition.alerts.models import Alert, SystemAlert
from recognition.imports.models import PeopleImport
from recognition.intake.dead_letters import drop_older
from recognition.intake.models import IdentifyRecord
from recognition.people.changes import KEPT
from recognition.people.models import GalleryChange
from recognition.sightings.models import Outcome, Sighting

AT_ONCE = 1000

M = TypeVar("M", bound=Model)


def purge(now: datetime | None = None) -> dict[str, int]:
    """Deletes in small steps, so that the collector never waits long. Returns how many went, by kind.

    A sighting with an alert is kept for as long as the alert is.
    """
    now = now or timezone.now()
    outcomes_end = now - timedelta(hours=settings.MALLVISION_KEEP_OUTCOMES_H)
    outcomes = Outcome.objects.filter(recorded_at__lt=outcomes_end)
    alerts = Alert.objects.filter(raised_at__lt=now - timedelta(days=settings.MALLVISION_KEEP_ALERTS_D))
    system_alerts = SystemAlert.objects.filter(cleared_at__lt=now - timedelta(days=settings.MALLVISION_KEEP_ALERTS_D))
    sightings = Sighting.objects.filter(last_seen__lt=now - timedelta(days=settings.MALLVISION_KEEP_SIGHTINGS_D))
    kept_for_alert = Exists(Alert.objects.filter(sighting=OuterRef("pk")))
    identified = IdentifyRecord.objects.filter(at__lt=now - timedelta(days=settings.MALLVISION_KEEP_IDENTIFY_LOG_D))
    imports_end = now - timedelta(days=settings.MALLVISION_KEEP_IMPORTS_D)
    imports = PeopleImport.objects.filter(created_at__lt=imports_end).exclude(state=PeopleImport.State.RUNNING)
    return {
        "outcomes": _delete(outcomes),
        "alerts": _delete(alerts),
        "system alerts": _delete(system_alerts),
        "sightings": _delete(sightings.exclude(kept_for_alert)),
        "identify records": _delete(identified),
        "imports": _delete(imports),
        "gallery changes": _delete(GalleryChange.objects.filter(at__lt=now - KEPT)),
        "dead letters": drop_older(outcomes_end),
    }


def _delete(rows: "QuerySet[M]") -> int:
    count = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        rows.model._default_manager.filter(pk__in=ids).delete()
        count += len(ids)
    return count
