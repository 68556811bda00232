"""The worker: takes jobs from its node, recognises their photos, answers everyone who waits for them."""

import logging
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import replace

import msgspec
import numpy as np
import redis

from recognition import engine
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
)
from recognition.node.queue import Entry, JobQueue, Task, read_task
from recognition.node.trouble import Trouble
from recognition.node.version import VERSION

TAKE_OVER_IDLE_MS = 5000  # five heartbeats missed
MOST_DELIVERIES = 3
LONGEST_PAUSE_S = 2.0

log = logging.getLogger(__name__)


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
        self._queue = JobQueue(node, worker_id, take_over_idle_ms)
        self._stopping = threading.Event()
        self._held: tuple[bytes, ...] = ()
        self._measures = Measures()
        self._photos = 0
        self._refused = 0
        self._started_at_ms = time.time_ns() // 1_000_000
        self._pause_s = 0.0
        self._trouble = Trouble("the node", log)
        self._heartbeat = Heartbeat(node, worker_id, self._beat, lambda: self._held, self._measures.clock)

    def stop(self) -> None:
        """Asks the worker to end after the photos in hand."""
        self._stopping.set()

    def run(self) -> None:
        self._heartbeat.start()
        try:
            while not self._stopping.is_set():
                self._step()
        finally:
            self._heartbeat.stop()

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

    def make_group(self) -> None:
        """Makes the node ready for work, as `run` does where it is new, or has lost everything."""
        self._queue.make_group()

    def work_once(self) -> int:
        """Takes what waits, up to a batch, and answers it. Returns how many jobs that were.

        Raises redis.RedisError when the node fails; the jobs in hand are then taken over later.
        """
        entries = self._taken_over() or self._queue.waiting(self._recognizer.photos_per_batch)
        self._held = tuple(entry_id for entry_id, _ in entries)
        self._measures.taken(self._held)
        try:
            tasks = [task for entry in entries if (task := self._accepted(entry))]
            if tasks:
                with self._measures.at_work():
                    self._answer(tasks)
        finally:
            self._held = ()
        return len(entries)

    def _taken_over(self) -> list[Entry]:
        return [entry for entry in self._queue.abandoned() if not self._is_poison(entry)]

    def _is_poison(self, entry: Entry) -> bool:
        """Gives up a job that has been handed out too often: it may be what kills its workers."""
        deliveries = self._queue.deliveries(entry[0])
        if deliveries <= MOST_DELIVERIES:
            return False
        if task := self._accepted(entry):
            log.warning("photo %s is given up: %d workers died of it", task.job.digest, MOST_DELIVERIES)
            self._queue.bury(task, f"{MOST_DELIVERIES} workers died of it", deliveries - 1, kills=True)
        return True

    def _accepted(self, entry: Entry) -> Task | None:
        """The job, or None when the entry is no job: that is dropped, said and counted."""
        task = read_task(entry)
        if task is None:
            self._refused += 1
            log.warning("entry %s of the job stream is no job, dropped", entry[0].decode())
            self._queue.drop(entry[0])
        return task

    def _answer(self, tasks: Sequence[Task]) -> None:
        tasks = self._in_time(tasks)
        served = [task for task in tasks if task.job.recipe in self._recognizer.recipes]
        endings: list[tuple[Task, Ending]] = [
            (task, Failure(f"the worker does not serve the recipe {task.job.recipe}"))
            for task in tasks
            if task.job.recipe not in self._recognizer.recipes
        ]
        if served:
            endings += self._recognised(served)
        ended = self._queue.end(endings)
        self._photos += len(served)
        self._answer_all([task for (task, _), results in zip(endings, ended, strict=True) if results < 0])

    def _answer_all(self, tasks: Sequence[Task]) -> None:
        """Answers tasks that others have joined, for whom "unchanged" says nothing: as if there were no scene."""
        if tasks:
            afresh = [replace(task, job=msgspec.structs.replace(task.job, scene=None)) for task in tasks]
            self._queue.end(self._recognised(afresh))

    def _in_time(self, tasks: Sequence[Task]) -> Sequence[Task]:
        """Ends those for which nobody waits any more; one that a later snapshot has joined is still in time."""
        now_ms = self._measures.clock.now_ms() or 0.0
        late = [task for task in tasks if task.queued_at_ms + task.job.time_left_ms <= now_ms]
        if not late:
            return tasks
        ended = self._queue.end([(task, Expiry()) for task in late], overdue=True)
        over = {task.entry_id for task, results in zip(late, ended, strict=True) if results >= 0}
        return [task for task in tasks if task.entry_id not in over]

    def _recognised(self, tasks: Sequence[Task]) -> list[tuple[Task, Ending]]:
        """What came of each. A photo on which recognition itself fails does not spoil the others, and is left out."""
        try:
            with self._measures.recognising(len(tasks)):
                answers = self._recognizer.recognise([_request(task.job, task.photo) for task in tasks])
        except Exception as error:
            if len(tasks) > 1:
                return [ended for task in tasks for ended in self._recognised([task])]
            log.exception("recognition failed on %s", tasks[0].job.digest)
            self._try_again(tasks[0], error)
            return []
        return [(task, self._message(task.job, answer)) for task, answer in zip(tasks, answers, strict=True)]

    def _try_again(self, task: Task, error: Exception) -> None:
        """Later, perhaps by another worker; three times in all."""
        deliveries = self._queue.deliveries(task.entry_id)
        if deliveries < MOST_DELIVERIES:
            self._held = tuple(entry_id for entry_id in self._held if entry_id != task.entry_id)
            self._queue.put_back(task)
        else:
            reason = f"recognition failed {deliveries} times: {type(error).__name__}"
            self._queue.bury(task, reason, deliveries, kills=False)

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
