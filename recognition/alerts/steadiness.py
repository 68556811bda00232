"""Believing something only when it lasts, so that no system alert comes and goes with every look."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from django.utils import timezone

from recognition.alerts.models import SystemAlert
from recognition.alerts.system import Finding, Judgement, Key, keep, open_alerts

LOOKS = 3
LASTS_S: Mapping[str, float] = {SystemAlert.Kind.NODE_DEGRADED: 30.0}  # as long as a worker may take to start


@dataclass(slots=True)
class Spell:
    """How long something has looked otherwise than it stands."""

    since_s: float
    looks: int = 0


@dataclass(slots=True)
class Steadiness:
    """What stands is in the database, so that a process that starts goes on where another ended; here are the counts.

    Something new stands after LOOKS looks in a row that found it, and for some kinds not before it has lasted; it is
    over after LOOKS looks in a row that did not find it.
    """

    _spells: dict[Key, Spell] = field(default_factory=dict)

    def keep(self, judged: Mapping[SystemAlert.Kind, Judgement], now_s: float) -> None:
        """Makes the open alerts of the judged kinds agree with what has lasted. now_s: of a clock never set back."""
        told = {kind: findings for kind, findings in judged.items() if findings is not None}
        found = [finding for findings in told.values() for finding in findings]
        standing = [
            Finding(SystemAlert.Kind(alert.kind), alert.about, alert.detail) for alert in open_alerts().values()
        ]
        keep(self.settled(told.keys(), found, standing, now_s), timezone.now(), told.keys())

    def settled(
        self, judged: Set[str], found: Iterable[Finding], standing: Iterable[Finding], now_s: float
    ) -> list[Finding]:
        """What is to stand from now on.

        judged: the kinds that were looked at; the others stay as they stand. now_s: of a clock never set back.
        """
        now_found = {finding.key: finding for finding in found}
        stood = {finding.key: finding for finding in standing}
        for passed in [key for key in self._spells if key[0] in judged and key not in now_found and key not in stood]:
            del self._spells[passed]
        return [
            now_found.get(key) or stood[key]
            for key in sorted(now_found.keys() | stood.keys())
            if self._stands(key, key in stood, key in now_found if key[0] in judged else None, now_s)
        ]

    def _stands(self, key: Key, stood: bool, found: bool | None, now_s: float) -> bool:
        if found is None:
            return stood
        if found == stood:
            self._spells.pop(key, None)
            return stood
        spell = self._spells.setdefault(key, Spell(now_s))
        spell.looks += 1
        lasts_s = LASTS_S.get(key[0], 0.0) if found else 0.0
        if spell.looks < LOOKS or now_s - spell.since_s < lasts_s:
            return stood
        del self._spells[key]
        return found
