"""What browsers are told over the websocket, and what processes publish on the channel layer. Built only here."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypedDict

import msgspec

from cameras.models import Camera
from recognition.alerts.models import Alert, Severity
from recognition.people.decision import Verdict
from recognition.sightings.models import Outcome

GROUP = "live"  # the channel-layer group that every web process listens to

_encode = msgspec.json.Encoder().encode


class PersonMessage(TypedDict):
    id: int
    name: str


class FaceMessage(TypedDict):
    """poor: too poor to say whose it is. Without a person, others are strangers'."""

    box: list[int]
    score: float
    quality: float
    poor: bool
    person: PersonMessage | None


class ResultMessage(TypedDict):
    """How a snapshot ended. `newest`: it is now its camera's newest, so its photo can be shown."""

    number: int
    id: str
    camera: str
    group: str
    captured_at: str
    state: str
    reason: str
    way: str
    node: str | None
    took_ms: float
    width: int
    height: int
    faces: list[FaceMessage]
    newest: bool


class CameraMessage(TypedDict):
    slug: str
    name: str
    group: str
    group_name: str
    enabled: bool
    newest: ResultMessage | None


class AlertMessage(TypedDict):
    number: int
    rule: str
    camera: str
    camera_name: str
    person: PersonMessage | None
    raised_at: str
    sighting: int
    late: bool
    state: str


class NodeFigures(TypedDict):
    """`hub.live_state.NodeState` says what they mean; None: not known."""

    queued_bytes: int | None
    oldest_job_s: float | None
    wait_p50_ms: float | None
    wait_p95_ms: float | None
    took_p50_ms: float | None
    took_p95_ms: float | None
    load: float | None
    memory_bytes: int | None
    memory_limit_bytes: int | None
    evicted: int | None
    recipes: list[str]
    versions: list[str]


class NodeMessage(NodeFigures):
    """The same holds for these fields. `cordoned` is the operators' wish."""

    name: str
    state: str
    reason: str
    cordoned: bool
    hits: int
    joins: int
    misses: int
    unchanged: int
    hit_rate: float | None
    queued: int | None
    workers: int | None
    images_per_s: float | None


class GroupNodeMessage(TypedDict):
    """A node of a camera group. share: the part of the group's photos that goes to it now; None: not known."""

    name: str
    state: str
    weight: float
    share: float | None
    workers: int | None
    load: float | None


class SpareMessage(TypedDict):
    """See `live.spare.Spare`."""

    verdict: str
    busiest: str
    load: float | None


class GroupMessage(TypedDict):
    slug: str
    name: str
    recipe: str
    nodes: list[GroupNodeMessage]
    spare: SpareMessage


class TotalsMessage(TypedDict):
    """monitor_silent_s: since the monitor last reported; None if it never has, or the hub is down."""

    received: int
    done: int
    failed: int
    expired: int
    in_ledger: int
    hit_rate: float | None
    images_per_s: float
    hub: Literal["up", "down"]
    monitor_silent_s: float | None


class TroubleMessage(TypedDict):
    """A system alert. Everyone is told the same: the page has the sentence for its kind, in the reader's language.

    text: a figure or a reason, for its place in that sentence.
    """

    kind: str
    about: str
    text: str
    severity: Severity
    since: str


class LiveBatch(TypedDict):
    """Published by the collector, and by the monitor when a group's nodes have changed.

    parts: texts for those who see a camera group; ended: snapshot ids.
    """

    type: Literal["live.batch"]
    parts: list[tuple[int, str]]
    ended: list[str]


class LiveStatus(TypedDict):
    """Published by the monitor each second. registry, gallery: their epochs."""

    type: Literal["live.status"]
    text: str
    registry: int
    gallery: int


def as_text(kind: str, **content: Any) -> str:
    return _encode({"kind": kind, **content}).decode()


def result_message(outcome: Outcome, camera: Camera, names: Mapping[int, str], newest: bool) -> ResultMessage:
    """`names`: of the people who may be named now; who is not among them is shown as a stranger."""
    return {
        "number": outcome.pk,
        "id": outcome.snapshot,
        "camera": camera.slug,
        "group": camera.group.slug,
        "captured_at": outcome.captured_at.isoformat(),
        "state": outcome.state,
        "reason": outcome.reason,
        "way": outcome.way,
        "node": outcome.node.name if outcome.node else None,
        "took_ms": outcome.took_ms,
        "width": outcome.width_px,
        "height": outcome.height_px,
        "faces": [
            {
                "box": face["box"],
                "score": face["score"],
                "quality": face["quality"],
                "poor": face.get("verdict") == Verdict.POOR,
                "person": person_message(face["person"], names),
            }
            for face in outcome.faces
        ],
        "newest": newest,
    }


def person_message(person_id: int | None, names: Mapping[int, str]) -> PersonMessage | None:
    if person_id is None or person_id not in names:
        return None
    return {"id": person_id, "name": names[person_id]}


def camera_message(camera: Camera, newest: ResultMessage | None) -> CameraMessage:
    return {
        "slug": camera.slug,
        "name": camera.name,
        "group": camera.group.slug,
        "group_name": camera.group.name,
        "enabled": camera.enabled,
        "newest": newest,
    }


def alert_message(alert: Alert, camera: Camera, names: Mapping[int, str], late: bool) -> AlertMessage:
    return {
        "number": alert.pk,
        "rule": alert.rule.name,
        "camera": camera.slug,
        "camera_name": camera.name,
        "person": person_message(alert.sighting.person_id, names),
        "raised_at": alert.raised_at.isoformat(),
        "sighting": alert.sighting_id,
        "late": late,
        "state": alert.state,
    }


def face_person_ids(outcomes: Iterable[Outcome]) -> set[int]:
    """Everyone who stands in the outcomes' faces."""
    return {face["person"] for outcome in outcomes for face in outcome.faces if face["person"] is not None}


def hit_rate(hits: int, joins: int, misses: int, unchanged: int) -> float | None:
    """The share of answers that came from a cache, None before the first. No cache knew an unchanged scene's photo."""
    looked_up = hits + joins + misses + unchanged
    return round(hits / looked_up, 4) if looked_up else None
