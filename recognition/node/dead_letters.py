"""A node's dead letters: jobs that were given up, with their photos and who had waited for them."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TypeVar

import msgspec
import redis

from recognition.node.connections import Redis
from recognition.node.keys import Shard
from recognition.node.messages import Job, decode_job
from recognition.node.scripts import DEAD_LETTERS, NARROW
from recognition.node.shards import shards_of

MOST_LETTERS = 50  # are kept, and fewer where their photos are large
MOST_PHOTO_BYTES = 16_000_000
NEWEST, OLDEST = "+", "-"
LETTER_ID = re.compile(r"(?P<entry>[0-9]{1,18}-[0-9]{1,18})(?:-(?P<shard>[0-9]{1,2}))?")

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A job that was given up, without its photo.

    id: its stream id, and behind it the number of the shard where there are several. at_ms: when it was given up, by
    the node's clock. deliveries: how often it had been handed out. worker: who gave it up. snapshots: the ids of those
    that waited for it, and failed.
    """

    id: str
    at_ms: int
    reason: str
    deliveries: int
    worker: str
    snapshots: tuple[str, ...]
    job: Job
    photo_bytes: int


def most_letters(shard: Shard) -> tuple[int, int]:
    """How many dead letters are kept in a shard, and how many bytes their photos may have there."""
    return ceil(MOST_LETTERS / shard.of), MOST_PHOTO_BYTES // shard.of


class DeadLetters:
    """Those of one node. Every method raises redis.RedisError when the node fails."""

    def __init__(self, node: Redis) -> None:
        self._node = node
        self._shards = shards_of(node)
        self._without_photos = node.register_script(DEAD_LETTERS)
        self._narrow = node.register_script(NARROW)

    def all(self) -> list[DeadLetter]:
        """Newest first. What is no dead letter is left out, and said; so is a shard that fails beside others."""
        letters = [letter for found in self._of_each(self._all_in) for letter in found]
        return sorted(letters, key=lambda letter: letter.at_ms, reverse=True)

    def find(self, letter_id: str) -> DeadLetter | None:
        place = self._place(letter_id)
        found = self._between(place.shard, place.entry_id, place.entry_id) if place else []
        return found[0] if found else None

    def photo(self, letter_id: str) -> bytes | None:
        place = self._place(letter_id)
        found = self._node.xrange(place.shard.dead, place.entry_id, place.entry_id) if place else []
        return found[0][1].get(b"photo") if found else None

    def drop(self, letter_id: str) -> bool:
        """False when it was gone already. Of several who drop a letter at once, one is told True."""
        place = self._place(letter_id)
        return bool(self._node.xdel(place.shard.dead, place.entry_id)) if place else False

    def narrow(self, letter_id: str, snapshots: Sequence[str]) -> bool:
        """From now on it is of these snapshots alone, under a new id; False when it is gone. Works on a full node."""
        place = self._place(letter_id)
        return bool(place and self._narrow(keys=[place.shard.dead], args=[place.entry_id, ",".join(snapshots)]))

    def drop_older(self, at_ms: int) -> int:
        """Drops those that were given up before `at_ms`. Returns how many."""
        trimmed = self._of_each(lambda shard: int(self._node.xtrim(shard.dead, minid=at_ms, approximate=False)))
        # One that was narrowed is older than its id.
        return sum(trimmed) + sum(self.drop(letter.id) for letter in self.all() if letter.at_ms < at_ms)

    def forget_answer(self, job: Job) -> None:
        """Removes what the node answers to whoever sends the photo again."""
        self._node.delete(self._shards.of(job.digest).image(job.recipe, job.digest))

    def _of_each(self, ask: Callable[[Shard], T]) -> list[T]:
        """What each shard says; of a Cluster those that answer. Raises redis.RedisError when none does."""
        told: list[T] = []
        error: redis.RedisError | None = None
        for shard in self._shards:
            try:
                told.append(ask(shard))
            except redis.RedisError as failed:
                log.warning("shard %d does not tell its dead letters: %s", shard.number, type(failed).__name__)
                error = failed
        if error is not None and not told:
            raise error
        return told

    def _place(self, letter_id: str) -> "_Place | None":
        """Where the letter stands, if it is there; None for what is no id of a letter."""
        found = LETTER_ID.fullmatch(letter_id)
        number = int(found["shard"] or 0) if found else 0
        shard = next((shard for shard in self._shards if shard.number == number), None)
        return _Place(shard, found["entry"]) if found and shard else None

    def _all_in(self, shard: Shard) -> list[DeadLetter]:
        return self._between(shard, NEWEST, OLDEST)

    def _between(self, shard: Shard, newest: str, oldest: str) -> list[DeadLetter]:
        entries = self._without_photos(keys=[shard.dead], args=[newest, oldest])
        behind = "" if shard.of == 1 else f"-{shard.number}"
        return [letter for entry_id, fields in entries if (letter := _read(entry_id.decode() + behind, _pairs(fields)))]


@dataclass(frozen=True, slots=True)
class _Place:
    shard: Shard
    entry_id: str


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
