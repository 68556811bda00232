"""Sending a dead letter's photo again, in the name of each camera that had waited for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from cameras.models import Node
from recognition.intake.dead_letters import letters_of
from recognition.intake.problems import Problem
from recognition.intake.process import WebProcess, web_process
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


def retry(node: Node, letter_id: str) -> Retried | None:
    """Takes the letter from the node and sends its photo again. What is refused goes back; None if it is gone.

    Raises redis.RedisError when the node does not answer, NobodyWaited when there is nothing to do: the letter stays.
    """
    with letters_of(node) as letters:
        letter, photo = letters.find(letter_id), letters.photo(letter_id)
        if letter is None or photo is None:
            return None
        waited = _waited(letter.snapshots)
        if not waited:
            raise NobodyWaited
        letters.forget_answer(letter.job)
        if not letters.drop(letter_id):  # someone else is sending it again
            return None
        left = letter.snapshots
        try:
            retried = in_loop(_sent(waited, letter.job.digest, photo))
            left = retried.left
        finally:
            if left:
                letters.put_back(replace(letter, snapshots=left), photo)
        return retried


def _waited(snapshots: Sequence[str]) -> list[Outcome]:
    found = Outcome.objects.filter(snapshot__in=snapshots, purpose=Purpose.CAMERA, camera__enabled=True)
    return list(found.order_by("captured_at"))


async def _sent(waited: Sequence[Outcome], digest: str, photo: bytes) -> Retried:
    process = web_process()
    for number, outcome in enumerate(waited):
        try:
            await _send(process, outcome, digest, photo)
        except Problem as refused:
            return Retried(number, tuple(one.snapshot for one in waited[number:]), refused.detail)
    return Retried(len(waited))


async def _send(process: WebProcess, outcome: Outcome, digest: str, photo: bytes) -> None:
    await process.nodes.keep_fresh()
    camera = enabled_camera(process.nodes.registry, outcome.camera_id or 0)
    captured_at_ms = int(outcome.captured_at.timestamp() * 1000)
    ref = msgspec.structs.replace(ref_by_hand(camera, digest), captured_at_ms=captured_at_ms)
    await process.dispatcher.dispatch(ref, photo, lambda registry: enabled_camera(registry, camera.id).group)
