"""A node's dead letters: jobs that were given up, with their photos and who had waited for them."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

import msgspec

from recognition.node import keys
from recognition.node.connections import Redis
from recognition.node.messages import Job, decode_job, encode
from recognition.node.scripts import DEAD_LETTERS, PUT_BACK

MOST_LETTERS = 50  # are kept, and fewer where their photos are large
MOST_PHOTO_BYTES = 16_000_000
NEWEST, OLDEST = "+", "-"
LETTER_ID = re.compile(r"[0-9]{1,18}-[0-9]{1,18}")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A job that was given up, without its photo.

    id: its stream id. at_ms: when it was given up, by the node's clock. deliveries: how often it had been handed out.
    worker: who gave it up. snapshots: the ids of those that waited for it, and failed.
    """

    id: str
    at_ms: int
    reason: str
    deliveries: int
    worker: str
    snapshots: tuple[str, ...]
    job: Job
    photo_bytes: int


class DeadLetters:
    """Those of one node. Every method raises redis.RedisError when the node fails."""

    def __init__(self, node: Redis) -> None:
        self._node = node
        self._without_photos = node.register_script(DEAD_LETTERS)
        self._put_back = node.register_script(PUT_BACK)

    def all(self) -> list[DeadLetter]:
        """Newest first. What is no dead letter is left out, and said."""
        return self._between(NEWEST, OLDEST)

    def find(self, letter_id: str) -> DeadLetter | None:
        found = self._between(letter_id, letter_id) if LETTER_ID.fullmatch(letter_id) else []
        return found[0] if found else None

    def photo(self, letter_id: str) -> bytes | None:
        found = self._node.xrange(keys.ONLY.dead, letter_id, letter_id) if LETTER_ID.fullmatch(letter_id) else []
        return found[0][1].get(b"photo") if found else None

    def drop(self, letter_id: str) -> bool:
        """False when it was gone already. Of several who drop a letter at once, one is told True."""
        return bool(self._node.xdel(keys.ONLY.dead, letter_id)) if LETTER_ID.fullmatch(letter_id) else False

    def put_back(self, letter: DeadLetter, photo: bytes) -> None:
        """After `drop`, even where the node is full; it gets a new id."""
        fields: dict[str, bytes | str | int] = {
            "reason": letter.reason,
            "deliveries": letter.deliveries,
            "worker": letter.worker,
            "snapshots": ",".join(letter.snapshots),
            "at": letter.at_ms,
            "job": encode(letter.job),
            "photo": photo,
        }
        self._put_back(keys=[keys.ONLY.dead], args=[MOST_LETTERS - 1, *chain.from_iterable(fields.items())])

    def drop_older(self, at_ms: int) -> int:
        """Drops those that have lain there since before `at_ms`. Returns how many."""
        return int(self._node.xtrim(keys.ONLY.dead, minid=at_ms, approximate=False))

    def forget_answer(self, job: Job) -> None:
        """Removes what the node answers to whoever sends the photo again."""
        self._node.delete(keys.ONLY.image(job.recipe, job.digest))

    def _between(self, newest: str, oldest: str) -> list[DeadLetter]:
        entries = self._without_photos(keys=[keys.ONLY.dead], args=[newest, oldest])
        return [letter for entry_id, fields in entries if (letter := _read(entry_id.decode(), _pairs(fields)))]


def _pairs(flat: list[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _read(letter_id: str, fields: Mapping[bytes, bytes]) -> DeadLetter | None:
    try:
        return DeadLetter(
            id=letter_id,
            at_ms=int(fields.get(b"at") or letter_id.split("-", maxsplit=1)[0]),
            reason=fields[b"reason"].decode(),
            deliveries=int(fields[b"deliveries"]),
            worker=fields[b"worker"].decode(),
            snapshots=tuple(fields[b"snapshots"].decode().split(",")) if fields[b"snapshots"] else (),
            job=decode_job(fields[b"job"]),
            photo_bytes=int(fields[b"photo"]),
        )
    except (KeyError, ValueError, msgspec.DecodeError):
        log.warning("entry %s of the dead letters is none, left out", letter_id)
        return None
