"""Who changes something of the people, and the trace that it leaves: numbers, never names."""

import logging
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Model

from recognition.people.nameless_log import note

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class By:
    """Someone of the staff, an integrator's key by its name, or the product itself."""

    user: User | None = None
    key_name: str = ""

    def note(self, row: Model, flag: int, message: str = "") -> None:
        """Before a row is deleted, as its number is gone with it. flag: of django.contrib.admin.models.

        The admin's log belongs to users; what a key did stands in the process's own.
        """
        if self.user is not None:
            note(self.user, row, flag, message)
        elif self.key_name:
            log.info("API key %s: %s %s, %s", self.key_name, row._meta.model_name, row.pk, _WORDS[flag])


_WORDS = {1: "added", 2: "changed", 3: "deleted"}
