"""Recording outcomes, and all that follows from them, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from cameras.epochs import REGISTRY, current
from cameras.models import Camera, Node
from recognition.alerts.models import Alert
from recognition.alerts.raising import raise_alerts
from recognition.collector.endings import Ended
from recognition.collector.lease import CollectorLease
from recognition.collector.repeating import originals, repeat, repeated, scenes, still_there
from recognition.hub.clock import hub_clock
from recognition.hub.scenes import Scene
from recognition.node.messages import Expiry, Face, Failure, Purpose, Recognition, Unchanged, Unreadable
from recognition.people.decision import Decision, PhotoFaces, decide
from recognition.people.gallery import LiveGallery
from recognition.people.index import Gallery
from recognition.sightings.folding import SeenFace, extend, fold
from recognition.sightings.models import Outcome, Sighting
from recognition.sightings.tallies import add_to_tallies


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a transaction has added. cameras: those of the outcomes among others, by id, with their groups.

    scenes: what the next snapshots of these cameras are compared with, once this is committed.
    """

    outcomes: Sequence[Outcome] = ()
    alerts: Sequence[Alert] = ()
    cameras: Mapping[int, Camera] = field(default_factory=dict)
    scenes: Sequence[Scene] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """The cameras, with their groups, and nodes that outcomes are recorded for, at one epoch of the registry."""

    epoch: int
    cameras: Mapping[int, Camera]
    nodes: Mapping[int, Node]

    @classmethod
    def load(cls) -> "Known":
        epoch = current(REGISTRY)  # read first: this copy may look too old, never too new
        cameras = Camera.objects.select_related("group").in_bulk()
        return cls(epoch, cameras, Node.objects.defer("address").in_bulk())

    def is_current(self) -> bool:
        return current(REGISTRY) == self.epoch

    def covers(self, ended: Sequence[Ended]) -> bool:
        return all(one.ref.camera in self.cameras or not one.ref.camera for one in ended)


def record(ended: Sequence[Ended], known: Known, gallery: LiveGallery, lease: CollectorLease) -> Recorded:
    """Records endings of snapshots that have no outcome yet, at most one for each. All or nothing.

    Raises IntegrityError when one has an outcome, or belongs to a camera or node that has been deleted since `known`
    was read; LeaseLost when another collector has taken over.
    """
    if not ended:
        return Recorded()
    with transaction.atomic():
        lease.check()
        return _record(ended, known, gallery)


def record_carefully(ended: Sequence[Ended], gallery: LiveGallery, lease: CollectorLease) -> Recorded:
    """The same for endings of which some may be recorded already; the first of several counts."""
    with transaction.atomic():
        lease.check()
        return _record(_without_outcome(ended), Known.load(), gallery)


def as_failure(ended: Ended, error: Exception) -> Ended:
    """What is recorded in place of an ending that cannot be."""
    return replace(ended, ending=Failure(f"its answer could not be recorded ({type(error).__name__})"))


def _without_outcome(ended: Sequence[Ended]) -> list[Ended]:
    first: dict[str, Ended] = {}
    for one in ended:
        first.setdefault(one.ref.id, one)
    recorded = set(Outcome.objects.filter(snapshot__in=first).values_list("snapshot", flat=True))
    return [one for snapshot, one in first.items() if snapshot not in recorded]


def _record(fresh: Sequence[Ended], known: Known, gallery: LiveGallery) -> Recorded:
    if not fresh:
        return Recorded()
    now = _moment(hub_clock.now_ms())  # as the receipt, so that the one can be taken from the other
    people = gallery.for_recording()
    looked_at = [one for one in fresh if repeated(one) is None]
    decisions = _decided(looked_at, known, people)
    sightings = _sightings(looked_at, known, decisions)
    outcomes = Outcome.objects.bulk_create(
        _outcome(one, known, decisions[one.ref.id], sightings[one.ref.id], now) for one in looked_at
    )
    # After these: a snapshot may repeat one that is recorded with it.
    outcomes += _repetitions([one for one in fresh if repeated(one) is not None], known, now)
    touched = {sighting.pk: sighting for found in sightings.values() for sighting in found if sighting}
    alerts = raise_alerts([*touched.values()])
    add_to_tallies(outcomes)
    return Recorded(outcomes, alerts, known.cameras, scenes(looked_at, people.epoch))


def _repetitions(repeats: Sequence[Ended], known: Known, now: datetime) -> list[Outcome]:
    of = originals(repeats)
    outcomes = []
    for one in repeats:
        outcome = _empty_outcome(one, known, now)
        repeat(outcome, of.get(repeated(one) or ""))
        outcomes.append(outcome)
    extend(still_there(outcomes), settings.MALLVISION_SIGHTING_GAP_S)
    return Outcome.objects.bulk_create(outcomes)


def _decided(fresh: Sequence[Ended], known: Known, people: Gallery) -> dict[str, Sequence[Decision | None]]:
    """By snapshot: whose its faces are. None for faces that no camera has seen."""
    asked = {one.ref.id: photo for one in fresh if (photo := _asked(one, known)) is not None}
    decisions = dict(zip(asked, decide(people, [*asked.values()]), strict=True))
    return {one.ref.id: decisions.get(one.ref.id, _undecided(one)) for one in fresh}


def _asked(one: Ended, known: Known) -> PhotoFaces | None:
    if not isinstance(one.ending, Recognition) or one.ref.purpose is not Purpose.CAMERA:
        return None
    camera = known.cameras.get(one.ref.camera)
    return PhotoFaces(one.ending.faces, one.ending.space, camera.threshold if camera else None)


def _undecided(one: Ended) -> Sequence[None]:
    return [None] * len(one.ending.faces) if isinstance(one.ending, Recognition) else []


def _sightings(
    fresh: Sequence[Ended], known: Known, decisions: Mapping[str, Sequence[Decision | None]]
) -> dict[str, list[Sighting | None]]:
    """By snapshot: the sighting that each of its faces continued or began. None for faces that no camera has seen."""
    seen = {one.ref.id: _seen_faces(one, decisions[one.ref.id]) for one in fresh if one.ref.camera in known.cameras}
    found = iter(fold([face for faces in seen.values() for face in faces], settings.MALLVISION_SIGHTING_GAP_S))
    return {
        snapshot: [next(found) for _ in seen[snapshot]] if seen.get(snapshot) else [None] * len(of_faces)
        for snapshot, of_faces in decisions.items()
    }


def _outcome(
    one: Ended, known: Known, decisions: Sequence[Decision | None], sightings: Sequence[Sighting | None], now: datetime
) -> Outcome:
    ending = one.ending
    outcome = _empty_outcome(one, known, now)
    if isinstance(ending, Recognition):
        outcome.state = Outcome.State.DONE
        outcome.width_px, outcome.height_px = ending.width_px, ending.height_px
        outcome.faces = [_face(*seen) for seen in zip(ending.faces, decisions, sightings, strict=True)]
    elif isinstance(ending, Expiry):
        outcome.state = Outcome.State.EXPIRED
    else:
        outcome.state = Outcome.State.FAILED
        outcome.reason = "its scene is not known" if isinstance(ending, Unchanged) else ending.reason[:200]
        outcome.unreadable = isinstance(ending, Unreadable)
    return outcome


def _empty_outcome(one: Ended, known: Known, now: datetime) -> Outcome:
    return Outcome(
        snapshot=one.ref.id,
        purpose=one.ref.purpose,
        camera=known.cameras.get(one.ref.camera),
        node=known.nodes.get(one.node or 0),
        digest=one.ref.digest,
        way=one.way,
        captured_at=_moment(one.ref.captured_at_ms),
        received_at=_moment(one.ref.received_at_ms),
        recorded_at=now,
    )


def _face(face: Face, decision: Decision | None, sighting: Sighting | None) -> dict[str, Any]:
    return {
        "box": list(face.box),
        "score": face.score,
        "quality": face.quality,
        "verdict": decision.verdict if decision else None,
        "person": decision.person_id if decision else None,
        "sighting": sighting.pk if sighting else None,
    }


def _seen_faces(one: Ended, decisions: Sequence[Decision | None]) -> list[SeenFace]:
    if not isinstance(one.ending, Recognition) or one.ref.purpose is not Purpose.CAMERA:
        return []
    at = _moment(one.ref.captured_at_ms)
    return [
        SeenFace(one.ref.camera, at, face, one.ending.space, decision)
        for face, decision in zip(one.ending.faces, decisions, strict=True)
        if decision is not None
    ]


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
