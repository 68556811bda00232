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
from recognition.node.queue import JobQueue, Task, end_all
from recognition.node.shards import shards_of
from recognition.node.taking import LONGEST_PAUSE_S, Taken, source_of
from recognition.node.trouble import Trouble
from recognition.node.version import VERSION

TAKE_OVER_IDLE_MS = 5000  # five heartbeats missed
MOST_DELIVERIES = 3

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
        self._recognizer = recognizer
        self._id = worker_id
        self._queues = [JobQueue(node, shard, worker_id, take_over_idle_ms) for shard in shards_of(node)]
        self._source = source_of(self._queues)
        self._stopping = threading.Event()
        self._measures = Measures()
        self._photos = 0
        self._refused = 0
        self._started_at_ms = time.time_ns() // 1_000_000
        self._pause_s = 0.0
        self._trouble = Trouble("the node", log)
        self._heartbeats = [Heartbeat(node, queue, worker_id, self._beat) for queue in self._queues]

    def stop(self) -> None:
        """Asks the worker to end after the photos in hand."""
        self._stopping.set()

    def run(self) -> None:
        for heartbeat in self._heartbeats:
            heartbeat.start()
        self._source.start()
        try:
            while not self._stopping.is_set():
                self._step()
        finally:
            self._source.stop()
            for heartbeat in self._heartbeats:
                heartbeat.ask_to_stop()
            for heartbeat in self._heartbeats:
                heartbeat.join()

    def _step(self) -> None:
        try:
            self.work_once()
        except redis.RedisError as error:
            self._trouble.note(error)
            # Jitter keeps a node's workers from coming back all at once.
            self._pause_s = min(LONGEST_PAUSE_S, max(0.1, self._pause_s * 2))
            self._stopping.wait(self._pause_s * random.uniform(0.5, 1.0))  # noqa: S311 (no secret)
        else:
            self._trouble.note(None)
            self._pause_s = 0.0

    def make_group(self) -> None:
        """Makes the node ready for work, as `run` does where it is new, or has lost everything."""
        for queue in self._queues:
            queue.make_group()

    def beat(self) -> None:
        """Says at every shard that the worker lives, as `run` does once a second."""
        for heartbeat in self._heartbeats:
            heartbeat.beat()

    def work_once(self) -> int:
        """Takes what waits, up to a batch, and answers it. Returns how many jobs that were.

        Raises redis.RedisError when the node fails; the jobs in hand are then taken over later.
        """
        batch = self._source.take(self._recognizer.photos_per_batch)
        for taken in batch:
            self._measures.waited(taken.queue.waited_ms(taken.entry[0]))
        try:
            tasks = [task for taken in batch if not self._is_poison(taken) and (task := self._accepted(taken))]
            if tasks:
                with self._measures.at_work():
                    self._answer(tasks)
        finally:
            for taken in batch:
                taken.queue.let_go([taken.entry[0]])
        return len(batch)

    def _is_poison(self, taken: Taken) -> bool:
        """Gives up a job that has been handed out too often: it may be what kills its workers."""
        deliveries = taken.queue.deliveries(taken.entry[0]) if taken.again else 0
        if deliveries <= MOST_DELIVERIES:
            return False
        if task := self._accepted(taken):
            log.warning("photo %s is given up: %d workers died of it", task.job.digest, MOST_DELIVERIES)
            task.queue.bury(task, f"{MOST_DELIVERIES} workers died of it", deliveries - 1, kills=True)
        return True

    def _accepted(self, taken: Taken) -> Task | None:
        """The job, or None when the entry is no job: that is dropped, said and counted."""
        task = taken.queue.read_task(taken.entry)
        if task is None:
            self._refused += 1
            log.warning("entry %s of the job stream is no job, dropped", taken.entry[0].decode())
            taken.queue.drop(taken.entry[0])
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
        ended = end_all(endings)
        self._photos += len(served)
        self._answer_all([task for (task, _), results in zip(endings, ended, strict=True) if results < 0])

    def _answer_all(self, tasks: Sequence[Task]) -> None:
        """Answers tasks that others have joined, for whom "unchanged" says nothing: as if there were no scene."""
        if tasks:
            afresh = [replace(task, job=msgspec.structs.replace(task.job, scene=None)) for task in tasks]
            end_all(self._recognised(afresh))

    def _in_time(self, tasks: Sequence[Task]) -> Sequence[Task]:
        """Ends those for which nobody waits any more; one that a later snapshot has joined is still in time."""
        late = [task for task in tasks if task.is_overdue]
        if not late:
            return tasks
        ended = end_all([(task, Expiry()) for task in late], overdue=True)
        in_time = [task for task, results in zip(late, ended, strict=True) if results < 0]
        return [task for task in tasks if task not in late or task in in_time]

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
        deliveries = task.queue.deliveries(task.entry_id)
        if deliveries < MOST_DELIVERIES:
            task.queue.put_back(task)
        else:
            reason = f"recognition failed {deliveries} times: {type(error).__name__}"
            task.queue.bury(task, reason, deliveries, kills=False)

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
