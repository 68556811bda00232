"""Which collector is the active one: a row in the database, which its holder renews each second (`signs`)."""

import socket
import time
from os import getpid
from secrets import token_hex

from django.db import connection
from django.db.models import F

from recognition.collector.models import Lease
from recognition.collector.signs import COLLECTOR, Silence

HELD_FOR_S = 3.0
RENEW_EVERY_S = 1.0


_CHECK = f"UPDATE {Lease._meta.db_table} SET holder = holder WHERE name = %s AND holder = %s AND fence = %s"  # noqa: S608 (a name of ours)


class LeaseLost(Exception):
    """Another process has become the active one; nothing may be recorded any more."""


class CollectorLease:
    """A claim on the lease `name`. The fencing number that comes with it is checked in each transaction."""

    def __init__(self, name: str = COLLECTOR) -> None:
        self._name = name
        self._holder = f"{socket.gethostname()}:{getpid()}:{token_hex(4)}"
        self._fence = 0
        self._silence = Silence()
        self._held_until = 0.0

    def acquire(self) -> bool:
        """Takes the lease if it is free, or has not been renewed for HELD_FOR_S while this claim looked on."""
        asked_at = time.monotonic()
        lease, _ = Lease.objects.get_or_create(name=self._name)
        if lease.holder not in ("", self._holder) and not self._has_run_out(lease):
            return False
        found = Lease.objects.filter(name=self._name, fence=lease.fence, renewals=lease.renewals)
        taken = found.update(holder=self._holder, fence=lease.fence + 1)
        if taken:
            self._fence = lease.fence + 1
            self._held_until = asked_at + HELD_FOR_S
        return bool(taken)

    def _has_run_out(self, lease: Lease) -> bool:
        return self._silence.lasts_s((lease.holder, lease.fence, lease.renewals)) >= HELD_FOR_S

    def renew(self) -> None:
        """Holds the lease for another few seconds. Raises LeaseLost."""
        asked_at = time.monotonic()
        self._update(renewals=F("renewals") + 1)
        self._held_until = asked_at + HELD_FOR_S

    def is_surely_held(self) -> bool:
        """Whether nobody else can have taken it: to be asked before what no transaction guards. Asks no database.

        A process that was stopped for a while knows by this that it was, before it does anything else.
        """
        return time.monotonic() < self._held_until

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
