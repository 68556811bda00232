"""Who is on a photo, for integrators with a key. No camera, no sighting; every question stands in a log."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import redis
from django.conf import settings

from cameras.database import in_database_thread
from cameras.epochs import GALLERY
from recognition.hub import keys
from recognition.hub.clock import hub_clock
from recognition.hub.rate import WINDOW_S, is_allowed
from recognition.intake.models import ApiKey, IdentifyRecord
from recognition.intake.problems import Problem, busy
from recognition.intake.process import web_process
from recognition.intake.replies import unreadable
from recognition.intake.submission import Recognised, recognise
from recognition.node.messages import Face, Purpose, Recognition
from recognition.people.decision import Decision, PhotoFaces, Verdict, decide
from recognition.people.embeddings import SPACE
from recognition.people.gallery import live_gallery

TIMEOUT_S = 30.0


async def identify(key: ApiKey, photo: bytes, client_address: str | None) -> dict[str, Any]:
    """The reply to the question. Raises Problem for everything that is in its way.

    What is refused for its rate stands in no log: a flood of questions would become one of rows.
    """
    await _ask_the_hub(key)
    digest = hashlib.sha256(photo).hexdigest()
    record = IdentifyRecord(key=key, key_name=key.name, client_address=client_address, digest=digest)
    try:
        recognised, recognition = await _recognised(photo)
        decisions = await _decisions(recognition)
        record.faces, record.known = len(decisions), sum(one.person_id is not None for one in decisions)
    except Problem as what:
        record.status = what.status
        raise
    finally:
        await record.asave()
    return _body(recognised, recognition, decisions)


async def _recognised(photo: bytes) -> tuple[Recognised, Recognition]:
    recognised = await recognise(photo, Purpose.IDENTIFY, TIMEOUT_S)
    if not isinstance(recognised.answer, Recognition):
        raise unreadable(recognised.answer.reason)
    if recognised.answer.space != SPACE:
        raise Problem(500, "The node's answer cannot be compared with the faces that are enrolled.")
    return recognised, recognised.answer


async def _ask_the_hub(key: ApiKey) -> None:
    """Whether the key may ask now; and whether the gallery has changed since this process last looked."""
    hub = web_process().hub
    try:
        allowed = await is_allowed(hub, f"identify:{key.pk}", settings.MALLVISION_IDENTIFY_PER_MINUTE)
        live_gallery().epoch_moved(int(await hub.get(keys.epoch(GALLERY)) or 0))
    except redis.RedisError:
        raise busy("The hub does not answer.") from None
    if not allowed:
        limit = settings.MALLVISION_IDENTIFY_PER_MINUTE
        raise Problem(429, f"This key may ask {limit} times a minute.", retry_after_s=WINDOW_S)


@in_database_thread
def _decisions(recognition: Recognition) -> list[Decision]:
    gallery = live_gallery()
    gallery.refresh()
    return decide(gallery.current(), [PhotoFaces(recognition.faces, recognition.space)])[0]


def _body(recognised: Recognised, recognition: Recognition, decisions: list[Decision]) -> dict[str, Any]:
    # Someone may have been erased since it was decided: only who may be named now is named.
    names = live_gallery().current().names
    return {
        "id": recognised.ref.id,
        "digest": recognised.ref.digest,
        "state": "done",
        "cached": recognised.cached,
        "node": recognised.node,
        "took_ms": hub_clock.now_ms() - recognised.ref.received_at_ms,
        "faces": [_face(face, one, names) for face, one in zip(recognition.faces, decisions, strict=True)],
    }


def _face(face: Face, decision: Decision, names: Mapping[int, str]) -> dict[str, Any]:
    person = decision.person_id
    if person is not None and person not in names:
        decision, person = replace(decision, verdict=Verdict.STRANGER, nearest=None, runner_up=None), None
    return {
        "box": face.box,
        "score": face.score,
        "quality": face.quality,
        "verdict": decision.verdict,
        "person": None if person is None else {"id": person, "name": names[person]},
        "distance": _rounded(decision.distance),
        "next_distance": _rounded(decision.next_distance),
        "threshold": decision.threshold,
    }


def _rounded(distance: float | None) -> float | None:
    return None if distance is None else round(distance, 4)
