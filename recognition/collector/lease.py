"""Which collector is the active one: a row in the database, held for a few seconds at a time."""

import socket
from datetime import timedelta
from os import getpid
from secrets import token_hex

from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from recognition.collector.models import Lease

HELD_FOR_S = 3.0
RENEW_EVERY_S = 1.0


_CHECK = f"UPDATE {Lease._meta.db_table} SET holder = holder WHERE name = %s AND holder = %s AND fence = %s"  # noqa: S608 (a name of ours)


class LeaseLost(Exception):
    """Another process has become the active one; nothing may be recorded any more."""


class CollectorLease:
    """A claim on the lease `name`. The fencing number that comes with it is checked in each transaction."""

    def __init__(self, name: str = "collector") -> None:
        self._name = name
        self._holder = f"{socket.gethostname()}:{getpid()}:{token_hex(4)}"
        self._fence = 0

    def acquire(self) -> bool:
        """Takes the lease if it is free or has run out."""
        now = timezone.now()
        Lease.objects.get_or_create(name=self._name, defaults={"expires_at": now})
        free = Q(holder__in=("", self._holder)) | Q(expires_at__lte=now)
        taken = Lease.objects.filter(free, name=self._name).update(
            holder=self._holder, fence=F("fence") + 1, expires_at=now + timedelta(seconds=HELD_FOR_S)
        )
        if taken:
            self._fence = Lease.objects.values_list("fence", flat=True).get(name=self._name)
        return bool(taken)

    def renew(self) -> None:
        """Holds the lease for another few seconds. Raises LeaseLost."""
        self._update(expires_at=timezone.now() + timedelta(seconds=HELD_FOR_S))

    def check(self) -> None:
        """Within a transaction: raises LeaseLost, or keeps anyone from taking the lease before it has ended."""
        # Every batch does this: written out, it costs a third of what the ORM takes to say the same.
        with connection.cursor() as cursor:
            cursor.execute(_CHECK, (self._name, self._holder, self._fence))
            if cursor.rowcount != 1:
                raise LeaseLost(f"the lease {self._name} has another holder")

    def release(self) -> None:
        Lease.objects.filter(name=self._name, holder=self._holder, fence=self._fence).update(holder="")

    def _update(self, **values: object) -> None:
        mine = Lease.objects.filter(name=self._name, holder=self._holder, fence=self._fence)
        if not mine.update(**values):
            raise LeaseLost(f"the lease {self._name} has another holder")
