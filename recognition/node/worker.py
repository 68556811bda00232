"""The worker: takes jobs from its node, recognises their photos, answers everyone who waits for them."""

import logging
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np
import redis
from redis.exceptions import NoScriptError

from recognition import engine
from recognition.node import keys
from recognition.node.connections import Redis
from recognition.node.heartbeat import Heartbeat, WorkerBeat
from recognition.node.measuring import Measures
from recognition.node.messages import (
    Ending,
    Expiry,
    Face,
    Failure,
    Job,
    Recognition,
    Unchanged,
    Unreadable,
    decode_job,
    encode,
)
from recognition.node.scripts import FINISH
from recognition.node.trouble import Trouble
from recognition.node.version import VERSION

BLOCK_MS = 200  # how soon a worker without work notices that it should stop
TAKE_OVER_EVERY_S = 1.0
FIRST_ENTRY = b"0-0"
TAKE_OVER_IDLE_MS = 5000  # five heartbeats missed
MOST_DELIVERIES = 3
LONGEST_PAUSE_S = 2.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """A job in hand: its stream id, what is asked, and the photo."""

    entry_id: bytes
    job: Job
    photo: bytes


class Worker:
    """Serves one node until `stop` is called.

    node: a client whose reply timeout is longer than BLOCK_MS. recognizer: the recognition program.
    take_over_idle_ms: how long a job must have been silent to be taken from whoever holds it; living workers touch
    theirs once a second.
    """

    def __init__(
        self, node: Redis, recognizer: engine.Recognizer, worker_id: str, take_over_idle_ms: int = TAKE_OVER_IDLE_MS
    ) -> None:
        self._node = node
        self._recognizer = recognizer
        self._id = worker_id
        self._take_over_idle_ms = take_over_idle_ms
        self._stopping = threading.Event()
        self._held: tuple[bytes, ...] = ()
        self._measures = Measures()
        self._photos = 0
        self._refused = 0
        self._started_at_ms = time.time_ns() // 1_000_000
        self._next_take_over = 0.0
        self._take_over_from = FIRST_ENTRY
        self._pause_s = 0.0
        self._trouble = Trouble("the node", log)
        self._finish_sha = node.register_script(FINISH).sha

    def stop(self) -> None:
        """Asks the worker to end after the photos in hand."""
        self._stopping.set()

    def run(self) -> None:
        heartbeat = Heartbeat(self._node, self._id, self._beat, lambda: self._held, self._measures.clock)
        heartbeat.start()
        try:
            while not self._stopping.is_set():
                self._step()
        finally:
            heartbeat.stop()

    def _step(self) -> None:
        try:
            self._work_in_group()
        except redis.RedisError as error:
            self._trouble.note(error)
            # Jitter keeps a node's workers from coming back all at once.
            self._pause_s = min(LONGEST_PAUSE_S, max(0.1, self._pause_s * 2))
            self._stopping.wait(self._pause_s * random.uniform(0.5, 1.0))  # noqa: S311 (no secret)
        else:
            self._trouble.note(None)
            self._pause_s = 0.0

    def _work_in_group(self) -> None:
        try:
            self.work_once()
        except redis.ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            self.make_group()

    def work_once(self) -> int:
        """Takes what waits, up to a batch, and answers it. Returns how many jobs that were.

        Raises redis.RedisError when the node fails; the jobs in hand are then taken over later.
        """
        entries = self._abandoned() or self._waiting()
        self._held = tuple(entry_id for entry_id, _ in entries)
        self._measures.taken(self._held)
        try:
            tasks = [task for entry_id, fields in entries if (task := self._accepted(entry_id, fields))]
            if tasks:
                with self._measures.at_work():
                    self._answer(tasks)
        finally:
            self._held = ()
        return len(entries)

    def _waiting(self) -> list[tuple[bytes, dict[bytes, bytes]]]:
        reply = self._node.xreadgroup(
            keys.WORKER_GROUP, self._id, {keys.JOBS: ">"}, count=self._recognizer.photos_per_batch, block=BLOCK_MS
        )
        return reply[0][1] if reply else []

    def _abandoned(self) -> list[tuple[bytes, dict[bytes, bytes]]]:
        """A job of a worker that has died; they are looked for once a second.

        One at a time: the job that killed the worker must not count against those that were in hand beside it.
        """
        if time.monotonic() < self._next_take_over:
            return []
        self._take_over_from, entries, *_ = self._node.xautoclaim(
            *(keys.JOBS, keys.WORKER_GROUP, self._id, self._take_over_idle_ms), start_id=self._take_over_from, count=1
        )
        if not entries and self._take_over_from == FIRST_ENTRY:
            self._next_take_over = time.monotonic() + TAKE_OVER_EVERY_S
        # Redis 6.2 hands a deleted job out as (None, None). It cannot be named, so it cannot be acknowledged; but
        # finish.lua acknowledges before it deletes, so there is none unless someone deletes by hand.
        return [entry for entry in entries if entry[0] is not None and not self._is_poison(entry)]

    def _is_poison(self, entry: tuple[bytes, dict[bytes, bytes]]) -> bool:
        """Ends a job that has been handed out too often: it may be what kills its workers."""
        entry_id, fields = entry
        pending = self._node.xpending_range(keys.JOBS, keys.WORKER_GROUP, entry_id, entry_id, 1)
        if not pending or pending[0]["times_delivered"] <= MOST_DELIVERIES:
            return False
        if task := self._accepted(entry_id, fields):
            self._end([(task, Failure(f"{MOST_DELIVERIES} workers gave it up"))])
        return True

    def _accepted(self, entry_id: bytes, fields: dict[bytes, bytes]) -> Task | None:
        """The job, or None when the entry is no job: that is dropped, said and counted."""
        try:
            return Task(entry_id, decode_job(fields[b"job"]), fields[b"photo"])
        except (KeyError, msgspec.DecodeError) as error:
            self._refused += 1
            log.warning("entry %s of the job stream is no job, dropped: %s", entry_id.decode(), type(error).__name__)
            self._node.pipeline().xack(keys.JOBS, keys.WORKER_GROUP, entry_id).xdel(keys.JOBS, entry_id).execute()
            return None

    def _answer(self, tasks: Sequence[Task]) -> None:
        tasks = self._in_time(tasks)
        served = [task for task in tasks if task.job.recipe in self._recognizer.recipes]
        endings: list[tuple[Task, Ending]] = [
            (task, Failure(f"the worker does not serve the recipe {task.job.recipe}"))
            for task in tasks
            if task.job.recipe not in self._recognizer.recipes
        ]
        if served:
            endings += zip(served, self._recognised(served), strict=True)
        ended = self._end(endings)
        self._photos += len(served)
        self._answer_all([task for (task, _), results in zip(endings, ended, strict=True) if results < 0])

    def _answer_all(self, tasks: Sequence[Task]) -> None:
        """Answers tasks that others have joined, for whom "unchanged" says nothing: as if there were no scene."""
        if tasks:
            afresh = [replace(task, job=msgspec.structs.replace(task.job, scene=None)) for task in tasks]
            self._end([*zip(afresh, self._recognised(afresh), strict=True)])

    def _in_time(self, tasks: Sequence[Task]) -> Sequence[Task]:
        """Ends those for which nobody waits any more; one that a later snapshot has joined is still in time."""
        now_ms = time.time_ns() // 1_000_000
        late = [task for task in tasks if task.job.deadline_ms <= now_ms]
        if not late:
            return tasks
        ended = self._end([(task, Expiry()) for task in late], now_ms)
        over = {task.entry_id for task, results in zip(late, ended, strict=True) if results >= 0}
        return [task for task in tasks if task.entry_id not in over]

    def _recognised(self, tasks: Sequence[Task]) -> list[Ending]:
        """An ending for each task. A photo on which recognition itself fails does not spoil the others."""
        try:
            with self._measures.recognising(len(tasks)):
                answers = self._recognizer.recognise([_request(task.job, task.photo) for task in tasks])
        except Exception as error:
            if len(tasks) == 1:
                log.exception("recognition failed on %s", tasks[0].job.digest)
                return [Failure(f"recognition failed: {type(error).__name__}")]
            return [answer for task in tasks for answer in self._recognised([task])]
        return [self._message(task.job, answer) for task, answer in zip(tasks, answers, strict=True)]

    def _end(self, endings: Sequence[tuple[Task, Ending]], overdue_at_ms: int = 0) -> list[int]:
        """All in one round trip; each is ended by a script of its own, and what that returned is returned."""
        try:
            return self._finish(endings, overdue_at_ms)
        except NoScriptError:  # the node is new, or has been started again; ending a job twice does no harm
            self._node.script_load(FINISH)
            return self._finish(endings, overdue_at_ms)

    def _finish(self, endings: Sequence[tuple[Task, Ending]], overdue_at_ms: int) -> list[int]:
        pipeline = self._node.pipeline(transaction=False)
        for task, ending in endings:
            job = task.job
            names = (keys.image(job.recipe, job.digest), keys.work(job.recipe, job.digest), keys.JOBS, keys.RESULTS)
            ttl_s = job.answer_ttl_s if isinstance(ending, Recognition | Unreadable) else 0
            of_another = int(isinstance(ending, Unchanged))
            asked = (keys.WORKER_GROUP, task.entry_id, job.digest, encode(ending), ttl_s, overdue_at_ms, of_another)
            pipeline.evalsha(self._finish_sha, len(names), *names, *asked)
        results: list[int] = pipeline.execute()
        return results

    def _message(self, job: Job, answer: engine.Answer) -> Ending:
        if isinstance(answer, engine.Unreadable):
            return Unreadable(answer.reason)
        if isinstance(answer, engine.Unchanged):
            return Unchanged(job.scene.of) if job.scene else Failure("the worker compared the photo with no scene")
        return Recognition(
            engine_id=self._recognizer.engine_id,
            space=self._recognizer.space,
            width_px=answer.width_px,
            height_px=answer.height_px,
            took_us=answer.took_us,
            faces=[_face_message(face) for face in answer.faces],
            scene=answer.scene,
        )

    def _beat(self) -> WorkerBeat:
        alive_us, busy_us = self._measures.alive_and_busy_us()
        return WorkerBeat(
            worker=self._id,
            engine_id=self._recognizer.engine_id,
            space=self._recognizer.space,
            recipes=sorted(self._recognizer.recipes),
            started_at_ms=self._started_at_ms,
            photos=self._photos,
            refused=self._refused,
            version=VERSION,
            alive_us=alive_us,
            busy_us=busy_us,
            waits=self._measures.waits.counts(),
            takes=self._measures.takes.counts(),
        )

    def make_group(self) -> None:
        """Makes the consumer group, as `run` does where a node has none (yet, or any more)."""
        try:
            self._node.xgroup_create(keys.JOBS, keys.WORKER_GROUP, id="0", mkstream=True)
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise


def _request(job: Job, photo: bytes) -> engine.Request:
    return engine.Request(photo, job.recipe, job.scene.signature if job.scene else None)


def _face_message(face: engine.Face) -> Face:
    return Face(
        box=face.box,
        landmarks=tuple(float(value) for value in face.landmarks.ravel()),
        score=round(face.score, 4),
        quality=round(face.quality, 4),
        quality_parts={name: round(part, 4) for name, part in face.quality_parts.items()},
        embedding=np.ascontiguousarray(face.embedding, dtype="<f4").tobytes(),
        thumbnail=face.thumbnail,
    )
