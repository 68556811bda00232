"""Sending a dead letter's photo again, in the name of each camera that had waited for it.

The letter goes once others hold its photo: whoever dies meanwhile leaves it where it is. Each snapshot is sent under an
Idempotency-Key of its own, so that what is tried again within ten minutes, or by two people at once, is accepted once.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from cameras.models import Node
from recognition.hub.ledger import Repeated
from recognition.intake.dead_letters import letters_of
from recognition.intake.problems import Problem
from recognition.intake.process import WebProcess, web_process
from recognition.intake.replies import queued
from recognition.intake.submission import enabled_camera, in_loop, ref_by_hand
from recognition.node.messages import Purpose
from recognition.sightings.models import Outcome


@dataclass(frozen=True, slots=True)
class Retried:
    """sent: how many snapshots were accepted anew.

    left: those that had waited and still can be sent again. refused: why these were not accepted, in plain words.
    """

    sent: int
    left: tuple[str, ...] = ()
    refused: str = ""


class NobodyWaited(Exception):
    """No camera would have an outcome of it: the outcomes have been deleted, the cameras are disabled or gone."""


class BeingSent(Exception):
    """Somebody else is sending the letter again right now, or was until a moment ago."""


def retry(node: Node, letter_id: str) -> Retried | None:
    """Sends the letter's photo again. What is refused stays a dead letter; None if it is gone.

    Raises redis.RedisError when the node does not answer, NobodyWaited when there is nothing to do, and BeingSent: then
    the letter stays as it is.
    """
    with letters_of(node) as letters:
        letter, photo = letters.find(letter_id), letters.photo(letter_id)
        if letter is None or photo is None:
            return None
        waited = _waited(letter.snapshots)
        if not waited:
            raise NobodyWaited
        letters.forget_answer(letter.job)
        retried = in_loop(_sent(waited, letter.job.digest, photo))
        if not retried.left:
            letters.drop(letter_id)
        elif set(retried.left) != set(letter.snapshots):
            letters.narrow(letter_id, retried.left)
        return retried if retried.sent or retried.refused else None


def _waited(snapshots: Sequence[str]) -> list[Outcome]:
    found = Outcome.objects.filter(snapshot__in=snapshots, purpose=Purpose.CAMERA, camera__enabled=True)
    return list(found.order_by("captured_at"))


async def _sent(waited: Sequence[Outcome], digest: str, photo: bytes) -> Retried:
    process = web_process()
    sent = 0
    for number, outcome in enumerate(waited):
        try:
            sent += await _send(process, outcome, digest, photo)
        except Problem as refused:
            return Retried(sent, tuple(one.snapshot for one in waited[number:]), refused.detail)
    return Retried(sent)


async def _send(process: WebProcess, outcome: Outcome, digest: str, photo: bytes) -> bool:
    """False: it has been accepted already."""
    await process.nodes.keep_fresh()
    camera = enabled_camera(process.nodes.registry, outcome.camera_id or 0)
    captured_at_ms = int(outcome.captured_at.timestamp() * 1000)
    ref = msgspec.structs.replace(ref_by_hand(camera, digest), captured_at_ms=captured_at_ms)
    key_digest = hashlib.sha256(b"dead letter\n" + outcome.snapshot.encode()).hexdigest()  # which no header can hold
    try:
        accepted = await process.dispatcher.dispatch(
            ref, photo, lambda registry: enabled_camera(registry, camera.id).group, key_digest
        )
    except Repeated as repeated:
        first = await process.dispatcher.first_reply(ref, key_digest, repeated.reply)
        if not first.status:  # it may yet be taken back
            raise BeingSent from None
        return False
    if accepted.reply is None:
        await process.dispatcher.remember(accepted.ref, key_digest, queued(accepted.ref.id, digest, accepted.node.name))
    return True
