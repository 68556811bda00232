"""Who works off an import: one process at a time, and another one once it has been silent."""

import os
import secrets
import socket
import time
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from recognition.imports.models import PeopleImport

SILENT_AFTER = timedelta(seconds=15)
RENEW_EVERY_S = 1.0


class Claim:
    """Held by one process on one import. Renewed as the work goes on; it is lost when another has taken it over."""

    def __init__(self, source: PeopleImport, holder: str) -> None:
        self.source, self.holder = source, holder
        self._renewed_at = time.monotonic()
        self._goes_on = True

    def goes_on(self) -> bool:
        """False once the claim is lost, or whoever sent the import wants it stopped. Asks at most once a second."""
        if self._goes_on and time.monotonic() - self._renewed_at >= RENEW_EVERY_S:
            self._renewed_at = time.monotonic()
            mine = PeopleImport.objects.filter(pk=self.source.pk, claimed_by=self.holder)
            self._goes_on = bool(mine.filter(stop_asked=False).update(claimed_at=timezone.now()))
        return self._goes_on

    def is_held(self) -> bool:
        return PeopleImport.objects.filter(pk=self.source.pk, claimed_by=self.holder).exists()

    def give_back(self) -> None:
        """For the next one to go on at once."""
        mine = PeopleImport.objects.filter(pk=self.source.pk, claimed_by=self.holder)
        mine.update(state=PeopleImport.State.WAITING, claimed_by="")


def claim_next() -> Claim | None:
    """The oldest import that waits, or whose process has been silent."""
    state = PeopleImport.State
    free = Q(state=state.WAITING) | Q(state=state.RUNNING, claimed_at__lt=timezone.now() - SILENT_AFTER)
    holder = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
    for source in PeopleImport.objects.filter(free).order_by("pk"):
        taken = {"state": state.RUNNING, "claimed_by": holder, "claimed_at": timezone.now()}
        if PeopleImport.objects.filter(free, pk=source.pk).update(**taken):
            return Claim(source, holder)
    return None
