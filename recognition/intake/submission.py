"""Photos that no camera sent: recognised now, for someone who waits. Every one is recognised by a node."""

import hashlib
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
import redis
from asgiref.sync import async_to_sync
from django.conf import settings

from cameras.registry import KnownCamera, KnownGroup, Registry
from recognition.hub.clock import hub_clock
from recognition.intake.photo_header import check_photo
from recognition.intake.problems import Problem, busy
from recognition.intake.process import WebProcess, close_unless_kept, web_process
from recognition.intake.replies import Reply, answered, ended, problem, queued
from recognition.node.admission import MOST_PRIORITY
from recognition.node.client import NodeClient
from recognition.node.messages import Answer, Purpose, SnapshotRef, Unreadable, decode_answer
from recognition.node.snapshot_id import new_snapshot_id
from recognition.recipe import recipes_that_do
from recognition.sightings.models import Outcome

RECORDED_WITHIN_S = 2.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Recognised:
    """An answer, and where and how it came about."""

    ref: SnapshotRef
    answer: Answer
    node: str
    cached: bool


@dataclass(frozen=True, slots=True)
class HandResult:
    """What the API would have replied to a camera."""

    status: int
    body: dict[str, Any]


class Unavailable(Exception):
    """No answer could be had; the text says why in plain words."""


def recognise_now(photo: bytes, purpose: Purpose, timeout_s: float) -> Answer:
    """The answer for a photo, for synchronous code. Raises Unavailable; a bad photo is Unreadable."""
    try:
        return in_loop(recognise(photo, purpose, timeout_s)).answer
    except Problem as what:
        if what.status in (415, 422):
            return Unreadable(what.detail)
        raise Unavailable(what.detail) from None


def submit_by_hand(camera_id: int, photo: bytes, timeout_s: float) -> HandResult:
    """Sends a snapshot in a camera's name and waits for its outcome, for synchronous code."""
    try:
        reply = in_loop(_submitted(camera_id, photo, timeout_s))
    except Problem as what:
        reply = problem(what)
    return HandResult(reply.status, msgspec.json.decode(reply.body))


async def recognise(photo: bytes, purpose: Purpose, timeout_s: float, priority: int = MOST_PRIORITY) -> Recognised:
    """The answer for a photo. Problem 415 or 422 for a bad photo, 500, 503 or 504 when there is no answer."""
    process = web_process()
    await process.nodes.keep_fresh()
    check_photo(photo, settings.PHOTO_LIMIT_PIXELS)
    recipe = _everyone(process.nodes.registry, purpose).recipe
    expires_after_ms = int(settings.MALLVISION_DEADLINE_S * 1000)
    ref = _ref(hashlib.sha256(photo).hexdigest(), 0, purpose, recipe, expires_after_ms, priority)
    accepted = await process.dispatcher.dispatch(ref, photo, lambda registry: _everyone(registry, purpose))
    ref = accepted.ref
    if accepted.answer is not None:
        return Recognised(ref, accepted.answer, accepted.node.name, cached=True)
    outcome = await process.endings.wait(ref.id, timeout_s)
    if outcome is None:
        raise Problem(504, f"No node had recognised the photo after {timeout_s:g} seconds.")
    answer = await _answer_of(process, ref, outcome)
    return Recognised(ref, answer, outcome.node.name if outcome.node else "", cached=False)


def _everyone(registry: Registry, purpose: Purpose) -> KnownGroup:
    return registry.everyone.for_enrolment if purpose is Purpose.ENROL else registry.everyone


async def _answer_of(process: WebProcess, ref: SnapshotRef, outcome: Outcome) -> Answer:
    """The embeddings are in no outcome; the node that made them still has its answer."""
    if outcome.unreadable:
        return Unreadable(outcome.reason)
    if outcome.state != Outcome.State.DONE:
        raise Problem(500, f"The photo could not be recognised: {outcome.reason or outcome.state}")
    node = process.nodes.registry.nodes.get(outcome.node_id or 0)
    try:
        stored = await _stored(process.nodes.client(node), ref) if node else None
    except redis.RedisError:
        stored = None
    if stored is None:
        raise busy("The node that recognised the photo no longer has the answer.")
    try:
        answer: Answer = decode_answer(stored)
    except msgspec.DecodeError:
        raise Problem(500, "The node's answer cannot be read.") from None
    return answer


async def _stored(client: NodeClient, ref: SnapshotRef) -> bytes | None:
    """Which recipe the node was asked for is not recorded; any that does is as good."""
    for recipe in recipes_that_do(ref.recipe):
        if stored := await client.look_up(recipe, ref.digest):
            return stored
    return None


async def _submitted(camera_id: int, photo: bytes, timeout_s: float) -> Reply:
    process = web_process()
    await process.nodes.keep_fresh()
    check_photo(photo, settings.PHOTO_LIMIT_PIXELS)
    camera = enabled_camera(process.nodes.registry, camera_id)
    ref = ref_by_hand(camera, hashlib.sha256(photo).hexdigest())
    accepted = await process.dispatcher.dispatch(ref, photo, lambda registry: enabled_camera(registry, camera_id).group)
    if accepted.answer is not None:
        # The reply holds no name; who asks on behalf of staff finds them in the outcome, once it is recorded.
        await process.endings.wait(ref.id, min(timeout_s, RECORDED_WITHIN_S))
        return answered(ref, accepted.answer, accepted.node.name)
    outcome = await process.endings.wait(ref.id, timeout_s)
    return ended(outcome) if outcome else queued(ref.id, ref.digest, accepted.node.name)


def enabled_camera(registry: Registry, camera_id: int) -> KnownCamera:
    camera = registry.cameras.get(camera_id)
    if camera is None or not camera.enabled:
        raise Problem(403, "The camera is disabled or gone.")
    return camera


def ref_by_hand(camera: KnownCamera, digest: str) -> SnapshotRef:
    """A new snapshot in the camera's name, taken now."""
    return _ref(digest, camera.id, Purpose.CAMERA, camera.group.recipe, camera.expires_after_ms)


def _ref(
    digest: str, camera: int, purpose: Purpose, recipe: str, expires_after_ms: int, priority: int = MOST_PRIORITY
) -> SnapshotRef:
    """Of the highest priority where someone waits; and never a repetition: whoever sends it wants it looked at."""
    now = hub_clock.now_ms()
    return SnapshotRef(
        id=new_snapshot_id(now),
        camera=camera,
        purpose=purpose,
        digest=digest,
        recipe=recipe,
        captured_at_ms=now,
        received_at_ms=now,
        deadline_ms=now + expires_after_ms,
        priority=priority,
    )


def in_loop(work: Awaitable[T]) -> T:
    """Runs `work` on the server's event loop, or on one of its own where there is none."""

    async def whole() -> T:
        try:
            return await work
        finally:
            await close_unless_kept()

    return async_to_sync(whole)()
