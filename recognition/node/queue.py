"""A shard's job stream as one of the node's workers uses it."""

import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import msgspec
import redis
from redis.exceptions import NoScriptError

from recognition.node.connections import Redis
from recognition.node.dead_letters import most_letters
from recognition.node.keys import WORKER_GROUP, Shard
from recognition.node.measuring import NodeClock
from recognition.node.messages import Ending, Failure, Job, Recognition, Unchanged, Unreadable, decode_job, encode
from recognition.node.scripts import BURY, FINISH

BLOCK_MS = 200  # how soon a worker without work notices that it should stop
TAKE_OVER_EVERY_S = 1.0
FIRST_ENTRY = b"0-0"
BURIED_ANSWER_TTL_S = 600

Entry = tuple[bytes, dict[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Task:
    """A job in hand: where it is queued, its stream id, what is asked, and the photo."""

    queue: "JobQueue"
    entry_id: bytes
    job: Job
    photo: bytes

    @property
    def is_overdue(self) -> bool:
        """Whether the snapshot that it was queued for has expired; a later one that has joined may have time left."""
        waited_ms = self.queue.waited_ms(self.entry_id)
        return waited_ms is not None and waited_ms >= self.job.time_left_ms


class JobQueue:
    """Every method that asks the node raises redis.RedisError when it fails.

    node: a client whose reply timeout is longer than BLOCK_MS. worker_id: the consumer's name. take_over_idle_ms: how
    long a job must have been silent to be taken from whoever holds it; living workers touch theirs once a second.
    clock: of the server that has the shard, as the heartbeat sets it.
    """

    def __init__(self, node: Redis, shard: Shard, worker_id: str, take_over_idle_ms: int) -> None:
        self.shard = shard
        self.clock = NodeClock()
        self._node = node
        self._held: frozenset[bytes] = frozenset()
        self._changing_held = threading.Lock()
        self._worker_id = worker_id
        self._take_over_idle_ms = take_over_idle_ms
        self._next_take_over = 0.0
        self._take_over_from = FIRST_ENTRY
        self._finish_sha = node.register_script(FINISH).sha
        self._bury = node.register_script(BURY)

    def waiting(self, count: int) -> list[Entry]:
        """Takes up to `count` of those that nobody has taken yet; waits a moment for the first."""
        reply = self._node.xreadgroup(
            WORKER_GROUP, self._worker_id, {self.shard.jobs: ">"}, count=count, block=BLOCK_MS
        )
        return self._taken(reply[0][1]) if reply else []

    def abandoned(self) -> list[Entry]:
        """A job of a worker that has died, or that was put back; they are looked for once a second.

        One at a time: the job that killed the worker must not count against those that were in hand beside it.
        """
        if time.monotonic() < self._next_take_over:
            return []
        self._take_over_from, entries, *_ = self._node.xautoclaim(
            *(self.shard.jobs, WORKER_GROUP, self._worker_id, self._take_over_idle_ms),
            start_id=self._take_over_from,
            count=1,
        )
        if not entries and self._take_over_from == FIRST_ENTRY:
            self._next_take_over = time.monotonic() + TAKE_OVER_EVERY_S
        # Redis 6.2 hands a deleted job out as (None, None). It cannot be named, so it cannot be acknowledged; but the
        # scripts acknowledge before they delete, so there is none unless someone deletes by hand.
        return self._taken([entry for entry in entries if entry[0] is not None])

    def _taken(self, entries: list[Entry]) -> list[Entry]:
        with self._changing_held:
            self._held |= {entry_id for entry_id, _ in entries}
        return entries

    @property
    def held(self) -> Collection[bytes]:
        """The stream ids of what has been taken and not let go of: a heartbeat keeps these from being taken over."""
        return self._held

    def let_go(self, entry_ids: Iterable[bytes]) -> None:
        """What is not ended is from now on anybody's, once it has been silent for long enough."""
        with self._changing_held:
            self._held -= frozenset(entry_ids)

    def waited_ms(self, entry_id: bytes) -> float | None:
        """How long ago the entry was queued; None before the first heartbeat."""
        now_ms = self.clock.now_ms()
        return None if now_ms is None else max(0.0, now_ms - int(entry_id.split(b"-")[0]))

    def deliveries(self, entry_id: bytes) -> int:
        """How often a job in hand has been handed out, this time included."""
        pending = self._node.xpending_range(self.shard.jobs, WORKER_GROUP, entry_id, entry_id, 1)
        return int(pending[0]["times_delivered"]) if pending else 0

    def put_back(self, task: Task) -> None:
        """Lets go of a job as if its worker had died: any worker takes it over within a second or so."""
        self.let_go([task.entry_id])
        self._node.xclaim(
            *(self.shard.jobs, WORKER_GROUP, self._worker_id, 0, [task.entry_id]),
            idle=self._take_over_idle_ms,
            justid=True,
        )

    def drop(self, entry_id: bytes) -> None:
        """Removes an entry that is no job."""
        jobs = self.shard.jobs
        self._node.pipeline().xack(jobs, WORKER_GROUP, entry_id).xdel(jobs, entry_id).execute()

    def end(self, endings: Sequence[tuple[Task, Ending]], overdue: bool = False) -> list[int]:
        """All in one round trip; each is ended by a script of its own, and what that returned is returned.

        overdue: they are ended because nobody waits any more; one that a later snapshot has joined goes on.
        """
        try:
            return self._finish(endings, overdue)
        except NoScriptError:  # the node is new, or has been started again; ending a job twice does no harm
            self._node.script_load(FINISH)
            return self._finish(endings, overdue)

    def _finish(self, endings: Sequence[tuple[Task, Ending]], overdue: bool) -> list[int]:
        pipeline = self._node.pipeline(transaction=False)
        for task, ending in endings:
            names = self._names(task.job)
            ttl_s = task.job.answer_ttl_s if isinstance(ending, Recognition | Unreadable) else 0
            of_another = int(isinstance(ending, Unchanged))
            asked = (WORKER_GROUP, task.entry_id, task.job.digest, encode(ending), ttl_s, int(overdue), of_another)
            pipeline.evalsha(self._finish_sha, len(names), *names, *asked)
        results: list[int] = pipeline.execute()
        return results

    def bury(self, task: Task, reason: str, deliveries: int, kills: bool) -> None:
        """Gives a job up: a dead letter, and a failure for everyone who waits.

        kills: its workers have died. Whoever sends the same bytes again is then told at once for a while, instead of
        more workers dying of them.
        """
        answer = encode(Unreadable(reason)) if kills else b""
        ttl_s = min(task.job.answer_ttl_s, BURIED_ANSWER_TTL_S)
        self._bury(
            keys=[*self._names(task.job), self.shard.dead],
            args=[
                *(WORKER_GROUP, task.entry_id, task.job.digest, encode(Failure(reason))),
                *(reason, deliveries, self._worker_id, *most_letters(self.shard), answer, ttl_s),
            ],
        )

    def make_group(self) -> None:
        """Makes the consumer group where a node has none (yet, or any more)."""
        try:
            self._node.xgroup_create(self.shard.jobs, WORKER_GROUP, id="0", mkstream=True)
            self._node.set(self.shard.born, secrets.token_hex(8))
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    def read_task(self, entry: Entry) -> Task | None:
        """None for an entry that is no job."""
        entry_id, fields = entry
        try:
            return Task(self, entry_id, decode_job(fields[b"job"]), fields[b"photo"])
        except (KeyError, msgspec.DecodeError):
            return None

    def _names(self, job: Job) -> tuple[str, ...]:
        shard = self.shard
        image, work = shard.image(job.recipe, job.digest), shard.work(job.recipe, job.digest)
        return image, work, shard.jobs, shard.results, shard.load


def end_all(endings: Sequence[tuple[Task, Ending]], overdue: bool = False) -> list[int]:
    """`JobQueue.end` for tasks of several queues. One that fails keeps no other from it; then its error is raised."""
    by_queue: defaultdict[JobQueue, list[int]] = defaultdict(list)
    for place, (task, _ending) in enumerate(endings):
        by_queue[task.queue].append(place)
    results = [0] * len(endings)
    error: redis.RedisError | None = None
    for queue, places in by_queue.items():
        try:
            ended = queue.end([endings[place] for place in places], overdue)
        except redis.RedisError as failed:
            error = failed
            continue
        for place, count in zip(places, ended, strict=True):
            results[place] = count
    if error is not None:
        raise error
    return results
