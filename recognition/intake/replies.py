"""The bodies of replies, built in one place. What a camera may learn holds no name."""

from dataclasses import dataclass, field

import msgspec

from recognition.hub.clock import hub_clock
from recognition.intake.problems import Problem
from recognition.node.messages import Answer, SnapshotRef, Unreadable
from recognition.sightings.models import Outcome

_encode = msgspec.json.Encoder().encode


class FaceReply(msgspec.Struct, frozen=True):
    box: tuple[int, int, int, int]
    score: float
    quality: float
    person: None = None


class DoneReply(msgspec.Struct, frozen=True):
    id: str
    digest: str
    state: str
    cached: bool
    node: str | None
    took_ms: float
    faces: list[FaceReply]


class QueuedReply(msgspec.Struct, frozen=True):
    id: str
    digest: str
    state: str
    node: str | None


class EndedReply(msgspec.Struct, frozen=True):
    """A snapshot that ended without an answer."""

    id: str
    digest: str
    state: str
    node: str | None
    reason: str


class Detail(msgspec.Struct, frozen=True):
    detail: str


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = field(default=())


class RememberedReply(msgspec.Struct, frozen=True, array_like=True):
    """What is kept under an Idempotency-Key. status 0: the first request with it has not been answered yet."""

    snapshot: str
    digest: str
    status: int
    body: bytes


encode_remembered = msgspec.msgpack.Encoder().encode
decode_remembered = msgspec.msgpack.Decoder(RememberedReply).decode


def answered(ref: SnapshotRef, answer: Answer, node: str) -> Reply:
    """What a node's cache said."""
    body = answer_body(ref, answer, node)
    return Reply(200, _encode(body)) if isinstance(body, DoneReply) else problem(unreadable(body.reason))


def answer_body(ref: SnapshotRef, answer: Answer, node: str) -> DoneReply | EndedReply:
    if isinstance(answer, Unreadable):
        return EndedReply(ref.id, ref.digest, "failed", node, answer.reason)
    took_ms = hub_clock.now_ms() - ref.received_at_ms
    faces = [FaceReply(face.box, face.score, face.quality) for face in answer.faces]
    return DoneReply(ref.id, ref.digest, "done", cached=True, node=node, took_ms=took_ms, faces=faces)


def queued(snapshot: str, digest: str, node: str | None) -> Reply:
    return Reply(202, _encode(QueuedReply(snapshot, digest, "queued", node)))


def problem(what: Problem) -> Reply:
    headers = ((b"retry-after", str(what.retry_after_s).encode()),) if what.retry_after_s else ()
    if what.status == 401:
        headers = ((b"www-authenticate", b"Bearer"),)
    elif what.status == 405:
        headers = ((b"allow", b"POST"),)
    return Reply(what.status, _encode(Detail(what.detail)), headers)


def outcome_body(outcome: Outcome) -> DoneReply | EndedReply:
    """How a snapshot ended, as `GET /api/v1/snapshots/{id}` says it."""
    node = outcome.node.name if outcome.node else None
    if outcome.state != Outcome.State.DONE:
        return EndedReply(outcome.snapshot, outcome.digest, outcome.state, node, outcome.reason)
    faces = [FaceReply(tuple(face["box"]), face["score"], face["quality"]) for face in outcome.faces]
    cached = outcome.way == Outcome.Way.HIT
    return DoneReply(outcome.snapshot, outcome.digest, "done", cached, node, outcome.took_ms, faces)


def ended(outcome: Outcome) -> Reply:
    """How a snapshot ended, as someone who waits for it is told."""
    if outcome.state == Outcome.State.EXPIRED:
        return problem(Problem(504, "The snapshot expired before a node had looked at it."))
    if outcome.unreadable:
        return problem(unreadable(outcome.reason))
    if outcome.state == Outcome.State.FAILED:
        return problem(Problem(500, f"The photo could not be recognised: {outcome.reason}"))
    return Reply(200, _encode(outcome_body(outcome)))


def unreadable(reason: str) -> Problem:
    return Problem(422, f"The picture cannot be read: {reason}")
