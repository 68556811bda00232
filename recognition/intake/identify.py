"""Who is on a photo, for integrators with a key. No camera, no sighting; every question stands in a log."""

import hashlib
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
from recognition.people.embeddings import SPACE, as_matrix
from recognition.people.gallery import Match, live_gallery

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
        matches = await _matches(recognition)
        record.faces, record.known = len(matches), sum(match is not None for match in matches)
    except Problem as what:
        record.status = what.status
        raise
    finally:
        await record.asave()
    return _body(recognised, recognition, matches)


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
def _matches(recognition: Recognition) -> list[Match | None]:
    gallery = live_gallery()
    gallery.refresh()
    embeddings = as_matrix([face.embedding for face in recognition.faces])
    return gallery.current().identify(embeddings, recognition.space)


def _body(recognised: Recognised, recognition: Recognition, matches: list[Match | None]) -> dict[str, Any]:
    # Someone may have been erased since the match was made: only who may be named now is named.
    named = live_gallery().current().names
    return {
        "id": recognised.ref.id,
        "digest": recognised.ref.digest,
        "state": "done",
        "cached": recognised.cached,
        "node": recognised.node,
        "took_ms": hub_clock.now_ms() - recognised.ref.received_at_ms,
        "faces": [
            _face(face, match if match and match.person_id in named else None)
            for face, match in zip(recognition.faces, matches, strict=True)
        ],
    }


def _face(face: Face, match: Match | None) -> dict[str, Any]:
    return {
        "box": face.box,
        "score": face.score,
        "quality": face.quality,
        "person": {"id": match.person_id, "name": match.name} if match else None,
        "distance": round(match.distance, 4) if match else None,
    }
