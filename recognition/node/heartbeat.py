"""How a worker shows that it lives, and keeps the jobs it holds from being taken over. Each shard has its own."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import reduce

import msgspec
import redis

from recognition.node.connections import Redis
from recognition.node.keys import WORKER_GROUP, Shard
from recognition.node.messages import encode
from recognition.node.queue import JobQueue
from recognition.node.scripts import BEAT
from recognition.node.shards import places
from recognition.node.trouble import Trouble

BEAT_EVERY_S = 1.0
WORKER_SILENT_AFTER_S = 5.0

log = logging.getLogger(__name__)


class WorkerBeat(msgspec.Struct, frozen=True, array_like=True):
    """What a living worker says of itself. started_at_ms: milliseconds since 1970, the worker's clock.

    refused: entries of the job stream that were no job. alive_us, busy_us: how long it has lived, and worked.
    waits, takes: counts of a `histogram.Histogram` of how long jobs waited to be taken, and photos took to recognise.
    All of these count from the worker's start.
    """

    worker: str
    engine_id: str
    space: str
    recipes: list[str]
    started_at_ms: int
    photos: int
    refused: int = 0
    version: str = ""
    alive_us: int = 0
    busy_us: int = 0
    waits: list[int] = []
    takes: list[int] = []


decode_beat = msgspec.msgpack.Decoder(WorkerBeat).decode


class Heartbeat(threading.Thread):
    """Beats once a second from a thread of its own, so that a long recognition does not silence the worker.

    say: gives the beat to send. queue: a shard's; what is held of it is claimed again, without counting it as a
    delivery, which keeps it from looking idle; each beat sets its clock.
    """

    def __init__(self, node: Redis, queue: JobQueue, worker_id: str, say: Callable[[], WorkerBeat]) -> None:
        super().__init__(name=f"heartbeat of {worker_id} at shard {queue.shard.number}", daemon=True)
        self._node = node
        self._queue = queue
        self._worker_id = worker_id
        self._say = say
        self._stopping = threading.Event()
        self._beat = node.register_script(BEAT)
        self._trouble = Trouble("the node (heartbeat)", log)

    def run(self) -> None:
        while True:
            try:
                self.beat()
                self._trouble.note(None)
            except redis.RedisError as error:
                self._trouble.note(error)
            if self._stopping.wait(BEAT_EVERY_S):
                return

    def beat(self) -> None:
        shard = self._queue.shard
        asked_at_s = time.monotonic()
        node_ms = self._beat(
            keys=[shard.workers, shard.beats],
            args=[self._worker_id, encode(self._say()), round(WORKER_SILENT_AFTER_S * 1000)],
        )
        self._queue.clock.set(node_ms, asked_at_s)
        if held := list(self._queue.held):
            self._node.xclaim(shard.jobs, WORKER_GROUP, self._worker_id, 0, held, justid=True)

    def ask_to_stop(self) -> None:
        """`join` returns soon after."""
        self._stopping.set()


def living_workers(node: Redis) -> list[WorkerBeat]:
    """What each worker says of itself that has beaten lately at every shard that answers.

    Raises redis.RedisError when none answers.
    """
    found: list[list[WorkerBeat]] = []
    error: redis.RedisError | None = None
    for place in places(node):
        try:
            found += [living_at(place.server, shard) for shard in place.shards]
        except redis.RedisError as failed:
            error = failed
    if error is not None and not found:
        raise error
    return living_everywhere(found)


def living_everywhere(found: Sequence[Sequence[WorkerBeat]]) -> list[WorkerBeat]:
    """found: by shard. A worker that has beaten at some of them only is just starting, or cannot do all that comes."""
    shared = reduce(set.intersection, ({beat.worker for beat in beats} for beats in found)) if found else set()
    return [beat for beat in found[0] if beat.worker in shared] if found else []


def living_at(server: Redis, shard: Shard) -> list[WorkerBeat]:
    """What each worker says of itself that has beaten lately at a shard, by the clock of the server that has it.

    Heartbeats have no time to live: under memory pressure `volatile-lru` would evict them, and the node look dead.
    Plain reads, no script: a server whose writes are paused, as in a failover, runs none.
    """
    pipeline = server.pipeline(transaction=False)
    pipeline.time().zrange(shard.workers, 0, -1, withscores=True).hgetall(shard.beats)
    (now_s, now_us), beaten_at, beats = pipeline.execute()
    now_ms = now_s * 1000 + now_us / 1000
    oldest_ms = now_ms - WORKER_SILENT_AFTER_S * 1000
    latest_ms = now_ms + 1000  # one may beat between the two commands; later than that, the clock was set back
    living = [worker for worker, at_ms in beaten_at if oldest_ms <= at_ms <= latest_ms]
    return [decode_beat(beats[worker]) for worker in living if worker in beats]
