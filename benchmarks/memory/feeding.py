"""Giving a node's worker one photo after the other, and counting what it answers."""

import hashlib
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.drivers.jobs import BLOCK_MS, NEVER_MS, READ_COUNT, SILENCE_S
from benchmarks.processes import BenchmarkFailed, Processes
from recognition.node import keys
from recognition.node.admission import Limits
from recognition.node.client import Reply, offer_arguments, read_reply
from recognition.node.connections import Redis
from recognition.node.messages import Job, Purpose, Recognition, decode_ending
from recognition.node.scripts import OFFER

AT_ONCE = 48
LIMITS = Limits(jobs=2 * AT_ONCE, photo_bytes=64_000_000)
ANSWER_TTL_S = 1  # no photo comes twice


@dataclass(slots=True)
class Feeding:
    """answered: how many endings of each kind there were, and "faces" among them."""

    node: Redis
    recipe: str
    photos: Iterator[bytes]
    processes: Processes
    sent: int = 0
    answered: Counter[str] = field(default_factory=Counter)

    @property
    def ended(self) -> int:
        return self.answered.total() - self.answered["faces"]

    def until(self, count: int) -> None:
        """Until so many photos have been answered since the beginning, and none is under way.

        Raises BenchmarkFailed when the worker falls silent, or fails on a photo.
        """
        heard_at = time.monotonic()
        while self.ended < count:
            while self.sent < count and self.sent - self.ended < AT_ONCE:
                self._offer(next(self.photos))
            if self._read():
                heard_at = time.monotonic()
            elif time.monotonic() - heard_at > SILENCE_S:
                raise BenchmarkFailed(f"{self.ended} photos were answered, then none for {SILENCE_S:.0f} s")
            self.processes.check()
        if failed := self.answered["Failure"]:
            raise BenchmarkFailed(f"the worker failed on {failed} photos")

    def _offer(self, photo: bytes) -> None:
        digest = hashlib.sha256(photo).hexdigest()
        job = Job(digest, self.recipe, Purpose.CAMERA, ANSWER_TTL_S, NEVER_MS)
        offer = offer_arguments(keys.ONE_SHARD, f"{self.sent:032x}", job, photo, LIMITS)
        reply = read_reply(self.node.register_script(OFFER)(**offer)).reply
        if reply is Reply.QUEUED:
            self.sent += 1
        elif reply is Reply.FULL:
            raise BenchmarkFailed("the queue is full")

    def _read(self) -> int:
        group = keys.COLLECTOR_GROUP
        reply = self.node.xreadgroup(group, "memory", {keys.ONLY.results: ">"}, count=READ_COUNT, block=BLOCK_MS)
        entries = reply[0][1] if reply else []
        for _, fields in entries:
            ending = decode_ending(fields[b"ending"])
            self.answered[type(ending).__name__] += 1
            if isinstance(ending, Recognition):
                self.answered["faces"] += len(ending.faces)
        if ids := [entry_id for entry_id, _ in entries]:
            self.node.pipeline().xack(keys.ONLY.results, group, *ids).xdel(keys.ONLY.results, *ids).execute()
        return len(entries)
