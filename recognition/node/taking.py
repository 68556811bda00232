"""How a worker comes by its jobs: from the one queue of its node, or from those of all shards of a Cluster."""

import logging
import random
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import redis

from recognition.node.queue import BLOCK_MS, Entry, JobQueue
from recognition.node.trouble import Trouble

LONGEST_PAUSE_S = 2.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """An entry that is now this worker's. again: it was taken over, and may be what killed who had it before."""

    queue: JobQueue
    entry: Entry
    again: bool = False


class Source(Protocol):
    """Where jobs come from; used by one thread."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def take(self, count: int) -> Sequence[Taken]:
        """Up to `count` of those that wait, after a moment none; one that is taken over comes alone.

        Raises redis.RedisError when the node fails.
        """
        ...


class OneQueue:
    """Asks when it is asked: nothing is taken before the worker has time for it."""

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass

    def take(self, count: int) -> Sequence[Taken]:
        return _read(self._queue, count)


class ManyQueues:
    """A thread for each queue waits for jobs while the worker has nothing to do.

    No server of a Cluster can be asked for the streams of several slots at once, and one that hangs must not hold up
    the others. A thread takes one job at a time, and only while the worker waits; a wait that is under way may still
    bring one while the worker is busy, so up to one job of each queue lies ready beside those in work.
    """

    def __init__(self, queues: Sequence[JobQueue]) -> None:
        self._ready: deque[Taken] = deque()
        self._changed = threading.Condition()
        self._wanted = False
        self._stopping = False
        self._failure: Exception | None = None
        self._readers = [threading.Thread(target=self._read, args=(queue,), daemon=True) for queue in queues]

    def start(self) -> None:
        for reader in self._readers:
            reader.start()

    def stop(self) -> None:
        """What lies ready and was not taken is taken over by other workers."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for reader in self._readers:
            reader.join()

    def take(self, count: int) -> Sequence[Taken]:
        with self._changed:
            if not self._ready:
                self._wanted = True
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._ready or self._failure, BLOCK_MS / 1000)
                self._wanted = False
            if self._failure is not None:
                raise self._failure
            return self._batch(count)

    def _batch(self, count: int) -> list[Taken]:
        batch: list[Taken] = []
        while self._ready and len(batch) < count:
            if batch and self._ready[0].again:
                break
            batch.append(self._ready.popleft())
            if batch[0].again:
                break
        return batch

    def _read(self, queue: JobQueue) -> None:
        try:
            self._read_on(queue)
        except Exception as error:  # noqa: BLE001 (raised again in the worker's thread, which it ends)
            with self._changed:
                self._failure = error
                self._changed.notify_all()

    def _read_on(self, queue: JobQueue) -> None:
        trouble = Trouble(f"shard {queue.shard.number} of the node", log)
        pause_s = 0.0
        while self._is_wanted():
            try:
                taken = _read(queue, 1)
            except redis.RedisError as error:
                trouble.note(error)
                pause_s = min(LONGEST_PAUSE_S, max(0.1, pause_s * 2))
                self._pause(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 (no secret)
                continue
            trouble.note(None)
            pause_s = 0.0
            self._hand_over(taken)

    def _is_wanted(self) -> bool:
        """Waits until jobs are wanted; False when none will be any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._wanted or self._stopping)
            return not self._stopping

    def _pause(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping, seconds)

    def _hand_over(self, taken: Sequence[Taken]) -> None:
        if taken:
            with self._changed:
                self._ready.extend(taken)
                self._changed.notify_all()


def source_of(queues: Sequence[JobQueue]) -> Source:
    return OneQueue(queues[0]) if len(queues) == 1 else ManyQueues(queues)


def _read(queue: JobQueue, count: int) -> list[Taken]:
    """What was abandoned, else up to `count` new ones. A queue that has no group yet (or any more) gets one."""
    try:
        if entries := queue.abandoned():
            return [Taken(queue, entry, again=True) for entry in entries]
        return [Taken(queue, entry) for entry in queue.waiting(count)]
    except redis.ResponseError as error:
        if "NOGROUP" not in str(error):
            raise
        queue.make_group()
        return []
