"""Keeping the system alerts as the monitor and the collector find things to be."""

import logging
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from django.db import transaction

from recognition.alerts.models import SystemAlert

Key: TypeAlias = tuple[str, str]  # kind, about

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, as a SystemAlert tells it."""

    kind: SystemAlert.Kind
    about: str = ""
    detail: str = ""

    @property
    def key(self) -> Key:
        return self.kind, self.about


Judgement: TypeAlias = list[Finding] | None  # none: all is well; None: it cannot be told, and what stood stands

EVERY_KIND = frozenset(SystemAlert.Kind)


def open_alerts() -> dict[Key, SystemAlert]:
    return {(alert.kind, alert.about): alert for alert in SystemAlert.objects.filter(cleared_at=None)}


def keep(findings: Iterable[Finding], now: datetime, kinds: Set[str] = EVERY_KIND) -> None:
    """Makes the open alerts of these kinds agree with `findings`; others are left to whoever judges them.

    Any number of processes may do so at once: the database holds at most one open alert of each kind and subject, and
    what another has cleared meanwhile stays cleared. Writes nothing when nothing has changed.
    """
    found = {finding.key: finding for finding in findings if finding.kind in kinds}
    standing = {key: alert for key, alert in open_alerts().items() if alert.kind in kinds}
    fresh = [finding for key, finding in found.items() if key not in standing]
    over = [alert for key, alert in standing.items() if key not in found]
    told_anew = [
        (alert, found[key].detail)
        for key, alert in standing.items()
        if key in found and found[key].detail != alert.detail
    ]
    if fresh or over or told_anew:
        with transaction.atomic():
            _raise(fresh, now)
            _clear(over, now)
            for alert, detail in told_anew:
                SystemAlert.objects.filter(pk=alert.pk, cleared_at=None).update(detail=detail)


def _raise(fresh: list[Finding], now: datetime) -> None:
    for finding in fresh:
        log.warning("system alert: %s %s (%s)", finding.kind, finding.about, finding.detail)
    SystemAlert.objects.bulk_create(
        [
            SystemAlert(kind=finding.kind, about=finding.about, detail=finding.detail, raised_at=now)
            for finding in fresh
        ],
        ignore_conflicts=True,
    )


def _clear(over: list[SystemAlert], now: datetime) -> None:
    for alert in over:
        log.info("system alert is over: %s", alert)
    SystemAlert.objects.filter(pk__in=[alert.pk for alert in over], cleared_at=None).update(cleared_at=now)
