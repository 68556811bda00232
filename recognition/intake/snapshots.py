"""`POST /api/v1/snapshots`: a small ASGI application beside Django's, because a camera asks it once a second.

Django's own way costs about a millisecond before a view runs; this one shares its settings, models and API document.
"""

import hashlib
import logging

from django.conf import settings

from cameras.registry import KnownCamera, Registry
from cameras.tokens import token_digest
from recognition.hub.clock import hub_clock
from recognition.hub.ledger import Repeated
from recognition.intake import upload
from recognition.intake.body import Disconnected, Incoming, Receive, Scope, Send, read_body
from recognition.intake.dispatch import Accepted
from recognition.intake.photo_header import check_photo
from recognition.intake.problems import Problem
from recognition.intake.process import WebProcess, web_process
from recognition.intake.replies import (
    RememberedReply,
    Reply,
    answered,
    ended,
    problem,
    queued,
)
from recognition.intake.upload import Headers
from recognition.node.messages import Purpose, SnapshotRef
from recognition.node.snapshot_id import new_snapshot_id

log = logging.getLogger(__name__)

PATH = "/api/v1/snapshots"
READ_TIMEOUT_S = 30.0


async def snapshots(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application for POST; other methods are answered 405."""
    incoming = Incoming(scope, receive)
    try:
        reply = await _reply(scope, incoming.receive)
    except Problem as what:
        if what.status != 408:
            await incoming.drain()
        reply = problem(what)
    except Disconnected:
        return
    except Exception:
        log.exception("an upload failed")
        reply = problem(Problem(500, "The server failed; the snapshot may not have been accepted."))
    await _send(send, reply)


async def _reply(scope: Scope, receive: Receive) -> Reply:
    if scope["method"] != "POST":
        raise Problem(405, "Send snapshots with POST.")
    headers = Headers.of(scope)
    process = web_process()
    await process.nodes.keep_fresh()
    token = _token_digest(headers)
    camera = await sender(process, token)
    wait_s = upload.wait_s(scope["query_string"])
    body = await read_body(receive, upload.body_limit_bytes(headers), READ_TIMEOUT_S)
    received_at_ms = hub_clock.now_ms()  # not before the body had come, however slowly: deadlines count from here
    photo, captured_at = upload.photo_and_time(headers, body)
    check_photo(photo, settings.PHOTO_LIMIT_PIXELS)
    ref = SnapshotRef(
        id=new_snapshot_id(received_at_ms),
        camera=camera.id,
        purpose=Purpose.CAMERA,
        digest=hashlib.sha256(photo).hexdigest(),
        recipe=camera.group.recipe,
        captured_at_ms=upload.captured_at_ms(captured_at, received_at_ms),
        received_at_ms=received_at_ms,
        deadline_ms=received_at_ms + camera.expires_after_ms,
        may_repeat=camera.skips_unchanged,
        priority=camera.priority,
    )
    key = upload.idempotency_key(headers)
    key_digest = hashlib.sha256(key.encode("latin-1")).hexdigest() if key else ""
    try:
        accepted = await process.dispatcher.dispatch(
            ref, photo, lambda registry: _camera_of(registry, token).group, key_digest
        )
    except Repeated as repeated:
        first = await process.dispatcher.first_reply(ref, key_digest, repeated.reply)
        return await _repeat(process, ref, first, wait_s)
    return await _answered(process, accepted, key_digest, wait_s)


def _token_digest(headers: Headers) -> str:
    token = upload.bearer_token(headers)
    if not token:
        raise Problem(401, "Send the camera's token as Authorization: Bearer TOKEN.")
    return token_digest(token)


async def sender(process: WebProcess, token: str) -> KnownCamera:
    """The camera whose token has the digest `token`. Problem 401 or 403."""
    if token not in process.nodes.registry.cameras_by_token:
        await process.nodes.hub_has_moved_on()
    return _camera_of(process.nodes.registry, token)


def _camera_of(registry: Registry, token: str) -> KnownCamera:
    camera = registry.cameras_by_token.get(token)
    if camera is None:
        raise Problem(401, "The token is not that of any camera; it may have been revoked.")
    if not camera.enabled:
        raise Problem(403, f"The camera {camera.slug} is disabled.")
    return camera


async def _answered(process: WebProcess, accepted: Accepted, key_digest: str, wait_s: float) -> Reply:
    if accepted.reply is not None:
        return accepted.reply
    ref, node = accepted.ref, accepted.node.name
    first = queued(ref.id, ref.digest, node) if accepted.answer is None else answered(ref, accepted.answer, node)
    if key_digest:
        await process.dispatcher.remember(ref, key_digest, first)
    if first.status != 202 or not wait_s:
        return first
    last = await _waited(process, ref.id, wait_s, first)
    if key_digest and last is not first:
        await process.dispatcher.remember(ref, key_digest, last)
    return last


async def _repeat(process: WebProcess, ref: SnapshotRef, first: RememberedReply, wait_s: float) -> Reply:
    """The first reply to this Idempotency-Key once more; who waits is told how that snapshot ended."""
    if first.digest != ref.digest:
        raise Problem(422, "This Idempotency-Key was used for another photo.")
    if not first.status:
        raise Problem(409, "The first request with this Idempotency-Key is still being answered.", retry_after_s=1)
    reply = Reply(first.status, first.body, ((b"idempotency-replayed", b"true"),))
    if first.status != 202 or not wait_s:
        return reply
    return await _waited(process, first.snapshot, wait_s, reply)


async def _waited(process: WebProcess, snapshot: str, wait_s: float, otherwise: Reply) -> Reply:
    outcome = await process.endings.wait(snapshot, wait_s)
    return otherwise if outcome is None else ended(outcome)


async def _send(send: Send, reply: Reply) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(reply.body)).encode()),
        *reply.headers,
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
