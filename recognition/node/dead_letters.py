"""A node's dead letters: jobs that were given up, with their photos and who had waited for them."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from recognition.node import keys
from recognition.node.connections import Redis
from recognition.node.messages import Job, decode_job
from recognition.node.scripts import DEAD_LETTERS, NARROW

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
        self._narrow = node.register_script(NARROW)

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

    def narrow(self, letter_id: str, snapshots: Sequence[str]) -> bool:
        """From now on it is of these snapshots alone, under a new id; False when it is gone. Works on a full node."""
        return bool(self._narrow(keys=[keys.ONLY.dead], args=[letter_id, ",".join(snapshots)]))

    def drop_older(self, at_ms: int) -> int:
        """Drops those that were given up before `at_ms`. Returns how many."""
        dropped = int(self._node.xtrim(keys.ONLY.dead, minid=at_ms, approximate=False))
        # One that was narrowed is older than its id.
        return dropped + sum(self.drop(letter.id) for letter in self.all() if letter.at_ms < at_ms)

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
