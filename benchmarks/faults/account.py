"""Whether everything that was written for outcomes agrees with them: sightings, alerts, tallies, the hub's counts."""

from collections import Counter
from typing import Any

from django.db.models import Count

from benchmarks.faults.observing import Account
from recognition.alerts.models import Alert, AlertRule
from recognition.hub.counts import accounts
from recognition.hub.sync import hub
from recognition.sightings.models import CameraTally, NodeTally, Outcome, Sighting

STATES = ("done", "failed", "expired")
WAYS = {"hit": "hits", "join": "joins", "miss": "misses", "unchanged": "unchanged"}


def take_account() -> Account:
    snapshots = list(Outcome.objects.values_list("snapshot", flat=True))
    return Account(
        snapshots=snapshots,
        states=dict(Outcome.objects.values_list("state").annotate(Count("pk"))),
        deviations={
            "outcomes": len(snapshots) - len(set(snapshots)),
            "frames": _frames(),
            "alerts": _alerts(),
            "camera tallies": _camera_tallies(),
            "node tallies": _node_tallies(),
            "counts of the hub": _counts_of_the_hub(),
        },
    )


def _frames() -> int:
    """Each face of a recognised photo is one frame of one sighting."""
    expected: Counter[int] = Counter()
    for faces in Outcome.objects.exclude(way=Outcome.Way.UNCHANGED).values_list("faces", flat=True):
        expected.update(face["sighting"] for face in faces if face["sighting"] is not None)
    return _apart(expected, Counter(dict(Sighting.objects.values_list("pk", "frames"))))


def _alerts() -> int:
    """Each rule meets everyone who is enrolled, and raises one alert for each sighting of them."""
    rules = list(AlertRule.objects.values_list("pk", flat=True))
    known = Sighting.objects.filter(person__isnull=False).values_list("pk", flat=True)
    expected = Counter({(rule, sighting): 1 for sighting in known for rule in rules})
    return _apart(expected, Counter(Alert.objects.values_list("rule_id", "sighting_id")))


def _camera_tallies() -> int:
    tallied = Counter(
        {
            (tally["camera_id"], state): tally[state]
            for tally in CameraTally.objects.values("camera_id", *STATES)
            for state in STATES
        }
    )
    return _apart(Counter(Outcome.objects.values_list("camera_id", "state")), tallied)


def _node_tallies() -> int:
    tallied = Counter(
        {
            (tally["node_id"], way): tally[column]
            for tally in NodeTally.objects.values("node_id", *WAYS.values())
            for way, column in WAYS.items()
        }
    )
    return _apart(Counter(Outcome.objects.exclude(way="").values_list("node_id", "way")), tallied)


def _counts_of_the_hub() -> int:
    """received = done + failed + expired + in the ledger, where each is what the database says."""
    found = accounts(hub())
    counted = Counter(
        {(camera, state): getattr(counts, state) for camera, counts in found.by_camera.items() for state in STATES}
    )
    total = found.total
    ended = total.done + total.failed + total.expired
    unbalanced = abs(total.received - ended - total.in_ledger) + abs(total.in_ledger - found.held)
    return unbalanced + _apart(Counter(Outcome.objects.values_list("camera_id", "state")), counted)


def _apart(expected: "Counter[Any]", found: "Counter[Any]") -> int:
    return sum(abs(expected[key] - found[key]) for key in expected.keys() | found.keys())
