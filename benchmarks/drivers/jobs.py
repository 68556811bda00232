"""Filling a node's queue, and reading its results as a collector does."""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from benchmarks.mall import LIMITS
from benchmarks.meter import Meter
from benchmarks.photos import distinct_photos
from benchmarks.processes import BenchmarkFailed, Processes
from benchmarks.stubs.recognizer import RECIPE
from recognition.node import keys
from recognition.node.client import offer_arguments
from recognition.node.connections import Redis
from recognition.node.messages import Job, Purpose
from recognition.node.scripts import OFFER

READ_COUNT = 200
BLOCK_MS = 500
SILENCE_S = 30.0
NEVER_MS = 2**40  # no job's deadline passes while it is measured


@dataclass(frozen=True, slots=True)
class Drained:
    """jobs: those after the first, over the seconds between the first result and the last."""

    jobs: int
    took_s: float

    @property
    def per_s(self) -> float:
        return self.jobs / self.took_s


def offer_jobs(node: Redis, count: int) -> None:
    """Queues jobs as the product does, through its own script."""
    sha = node.script_load(OFFER)
    for digest, photo in _photos(count):
        job = Job(digest, RECIPE, Purpose.CAMERA, 600, NEVER_MS)
        offer = offer_arguments(keys.ONE_SHARD, digest[:32], job, photo, LIMITS)
        node.evalsha(sha, len(offer["keys"]), *offer["keys"], *offer["args"])


def append_jobs(node: Redis, count: int) -> None:
    """Queues jobs for the raw stream: the digest and the photo."""
    for digest, photo in _photos(count):
        node.xadd(keys.ONLY.jobs, {"job": digest, "photo": photo})


def make_groups(node: Redis) -> None:
    node.xgroup_create(keys.ONLY.jobs, keys.WORKER_GROUP, id="0", mkstream=True)
    node.xgroup_create(keys.ONLY.results, keys.COLLECTOR_GROUP, id="0", mkstream=True)


def drain(node: Redis, count: int, processes: Processes, meter: Meter) -> Drained:
    """Reads and acknowledges results until there are `count`. The node's clock says when each was appended."""
    seen = 0
    first_ms = last_ms = 0
    heard_at = time.monotonic()
    while seen < count:
        reply = node.xreadgroup(
            keys.COLLECTOR_GROUP, "benchmark", {keys.ONLY.results: ">"}, count=READ_COUNT, block=BLOCK_MS
        )
        if not reply:
            processes.check()
            if time.monotonic() - heard_at > SILENCE_S:
                raise BenchmarkFailed(f"{seen} of {count} jobs were answered, then none for {SILENCE_S:.0f} s")
            continue
        ids = [entry_id for entry_id, _ in reply[0][1]]
        if not seen:
            meter.start()
            first_ms = _milliseconds(ids[0])
        node.pipeline().xack(keys.ONLY.results, keys.COLLECTOR_GROUP, *ids).xdel(keys.ONLY.results, *ids).execute()
        seen += len(ids)
        last_ms = _milliseconds(ids[-1])
        heard_at = time.monotonic()
    meter.stop()
    return Drained(seen - 1, (last_ms - first_ms) / 1000)


def _photos(count: int) -> Iterator[tuple[str, bytes]]:
    for photo in islice(distinct_photos(), count):
        yield hashlib.sha256(photo).hexdigest(), photo


def _milliseconds(entry_id: bytes) -> int:
    return int(entry_id.partition(b"-")[0])
