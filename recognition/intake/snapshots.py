"""`POST /api/v1/snapshots`: a small ASGI application beside Django's, because a camera asks it once a second.

Django's own way costs about a millisecond before a view runs; this one shares its settings, models and API document.
"""

import hashlib
import logging

import msgspec
from django.conf import settings

from cameras.registry import KnownCamera
from cameras.tokens import token_digest
from recognition.hub.ledger import Remember, Repeated, StaleRegistry
from recognition.intake import upload
from recognition.intake.body import Disconnected, Receive, Scope, Send, read_body
from recognition.intake.photo_header import check_photo
from recognition.intake.problems import Problem
from recognition.intake.process import WebProcess, web_process
from recognition.intake.replies import (
    RememberedReply,
    Reply,
    answered,
    decode_remembered,
    encode_remembered,
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
    try:
        reply = await _reply(scope, receive)
    except Problem as what:
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
    received_at_ms = upload.now_ms()
    headers = Headers.of(scope)
    process = web_process()
    await process.nodes.keep_fresh()
    camera = await sender(process, headers)
    wait_s = upload.wait_s(scope["query_string"])
    body = await read_body(receive, upload.body_limit_bytes(headers), READ_TIMEOUT_S)
    photo, captured_at = upload.photo_and_time(headers, body)
    check_photo(photo, settings.PHOTO_LIMIT_PIXELS)
    ref = SnapshotRef(
        id=new_snapshot_id(),
        camera=camera.id,
        purpose=Purpose.CAMERA,
        digest=hashlib.sha256(photo).hexdigest(),
        recipe=camera.group.recipe,
        captured_at_ms=upload.captured_at_ms(captured_at, received_at_ms),
        received_at_ms=received_at_ms,
        deadline_ms=received_at_ms + int(settings.MALLVISION_DEADLINE_S * 1000),
    )
    return await _accepted(process, headers, ref, photo, camera, wait_s)


async def sender(process: WebProcess, headers: Headers) -> KnownCamera:
    """The camera whose token the request carries. Problem 401 or 403."""
    token = upload.bearer_token(headers)
    if not token:
        raise Problem(401, "Send the camera's token as Authorization: Bearer TOKEN.")
    digest = token_digest(token)
    camera = process.nodes.registry.cameras_by_token.get(digest)
    if camera is None and await process.nodes.hub_has_moved_on():
        camera = process.nodes.registry.cameras_by_token.get(digest)
    if camera is None:
        raise Problem(401, "The token is not that of any camera; it may have been revoked.")
    if not camera.enabled:
        raise Problem(403, f"The camera {camera.slug} is disabled.")
    return camera


async def _accepted(
    process: WebProcess, headers: Headers, ref: SnapshotRef, photo: bytes, camera: KnownCamera, wait_s: float
) -> Reply:
    key = upload.idempotency_key(headers)
    key_digest = hashlib.sha256(key.encode("latin-1")).hexdigest() if key else ""
    while True:
        try:
            accepted = await process.dispatcher.dispatch(ref, photo, camera.group, key_digest)
            break
        except StaleRegistry as stale:
            await process.nodes.reload(stale.epoch)
            camera = await sender(process, headers)
            ref = msgspec.structs.replace(ref, recipe=camera.group.recipe)
        except Repeated as repeated:
            return await _repeat(process, ref, repeated.reply, wait_s)
    if accepted.answer is not None:
        return answered(ref, accepted.answer, accepted.node.name)
    first = queued(ref.id, ref.digest, accepted.node.name)
    if not wait_s:
        return first
    last = await _waited(process, ref.id, wait_s, first)
    if key_digest and last is not first:
        kept = RememberedReply(ref.id, ref.digest, last.status, last.body)
        await process.ledger.remember(ref.camera, Remember(key_digest, encode_remembered(kept)))
    return last


async def _repeat(process: WebProcess, ref: SnapshotRef, stored: bytes, wait_s: float) -> Reply:
    """The first reply to this Idempotency-Key once more; who waits is told how that snapshot ended."""
    first = decode_remembered(stored)
    if first.digest != ref.digest:
        raise Problem(422, "This Idempotency-Key was used for another photo.")
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
