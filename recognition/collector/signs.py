"""Signs of life: a row in the database that moves on each second, and for how long others have seen it stand still.

The active collector moves its lease on, the monitor a row of its own; each of the two watches the other. Nobody's
clock is compared with another's: who looks on measures by a clock of its own that never jumps.
"""

import time

from django.db.models import F

from recognition.collector.models import Lease

MONITOR = "monitor"
COLLECTOR = "collector"
SILENT_AFTER_S = 10.0  # longer than a restart or a takeover takes


class Silence:
    """For how long something has looked the same to whoever looks at it now and then."""

    def __init__(self) -> None:
        self._seen: object = None
        self._since = 0.0

    def lasts_s(self, seen: object) -> float:
        now = time.monotonic()
        if not self._since or seen != self._seen:
            self._seen, self._since = seen, now
        return now - self._since


class LifeWatch:
    """Watches for signs of life under `name`; none yet is silence too, from the first look on."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._silence = Silence()

    def silent_s(self) -> float:
        standing = Lease.objects.filter(name=self._name).values_list("holder", "fence", "renewals").first()
        return self._silence.lasts_s(standing)


def give_sign(name: str) -> None:
    """For who holds no lease: any number may give the same one."""
    if not Lease.objects.filter(name=name).update(renewals=F("renewals") + 1):
        Lease.objects.bulk_create([Lease(name=name)], ignore_conflicts=True)
