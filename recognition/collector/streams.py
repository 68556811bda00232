"""Reading the streams that say how snapshots ended: one thread for each, all into one inbox."""

import logging
import threading
import time
from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Full, Queue
from typing import Any

import redis

from recognition.hub.replicated import WAIT_MS, NotReplicatedError
from recognition.node.connections import Redis, connect

MOST_ENTRIES = 200
MOST_DELIVERIES = 64
BLOCK_MS = 250  # how soon a reader notices that it should stop
LOOK_EVERY_S = 0.25  # whether it may read again
PAUSE_S = 0.5
LOOK_AT_PENDING_EVERY_S = 5.0
CONSUMER = "collector"  # one name for all: whoever is active finds what its predecessor left unacknowledged

log = logging.getLogger(__name__)

Entry = tuple[bytes, dict[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream to read. node: the database id of the node it stands on, None for the hub.

    is_replicated: nothing counts as read that no replica of its server has. Else an outcome could be recorded of a
    snapshot that a failover has undone.
    """

    url: str
    key: str
    group: str
    node: int | None
    is_replicated: bool = False

    def __repr__(self) -> str:
        return f"<{self.key} of {'the hub' if self.node is None else f'node {self.node}'}>"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Entries of one stream, not acknowledged yet."""

    stream: Stream
    entries: Sequence[Entry]


class StreamReader(threading.Thread):
    """Reads one stream until stopped: what comes, and at the start and every few seconds what is still pending.

    Something is pending when an earlier collector died with it, or when acknowledging failed. Some of it is only
    being recorded right now and so is delivered twice, which does no harm.

    may_read: asked before each reading, which takes what it reads away from other collectors for a while.
    """

    def __init__(self, stream: Stream, inbox: "Queue[Delivery]", may_read: Callable[[], bool]) -> None:
        super().__init__(name=f"reader of {stream!r}", daemon=True)
        self.stream = stream
        self._inbox = inbox
        self._may_read = may_read
        self._stopping = threading.Event()
        self.trouble = ""
        self._start = b"0"
        self._next_pending_look = 0.0

    def run(self) -> None:
        redis_client: Redis | None = None
        while not self._stopping.is_set():
            if not self._may_read():
                self._stopping.wait(LOOK_EVERY_S)
                continue
            try:
                redis_client = redis_client or connect(self.stream.url)
                self._read(redis_client)
            except Exception as error:  # noqa: BLE001 (a reader that ended would lose its stream)
                self._note(type(error).__name__)
                self._stopping.wait(PAUSE_S)
                self._start = b"0"
            else:
                self._note("")
        if redis_client is not None:
            redis_client.close()

    def stop(self) -> None:
        self._stopping.set()

    def _read(self, redis_client: Redis) -> None:
        """Reads once. Pending entries are read from the first to the last, then come new ones."""
        if self._start == b">" and time.monotonic() >= self._next_pending_look:
            self._start = b"0"
        try:
            reply = self._ask(redis_client)
        except redis.ResponseError as error:
            if not str(error).startswith("NOGROUP"):
                raise
            redis_client.xgroup_create(self.stream.key, self.stream.group, id="0", mkstream=True)
            return
        entries: list[Entry] = reply[0][1] if reply else []
        if entries:
            self._put(Delivery(self.stream, entries))
        if self._start != b">":
            self._start = entries[-1][0] if entries else b">"
            self._next_pending_look = time.monotonic() + LOOK_AT_PENDING_EVERY_S

    def _ask(self, redis_client: Redis) -> Any:
        arguments = (self.stream.group, CONSUMER, {self.stream.key: self._start}, MOST_ENTRIES, BLOCK_MS)
        if not self.stream.is_replicated:
            return redis_client.xreadgroup(*arguments)
        # WAIT speaks of what its own connection has written, and reading does not count when it was blocked. What is
        # published goes to the replicas behind everything read, and nobody listens to it.
        pipeline = redis_client.pipeline(transaction=False)
        pipeline.xreadgroup(*arguments).publish(f"read:{self.stream.key}", "").wait(1, WAIT_MS)
        reply, _listeners, replicas = pipeline.execute(raise_on_error=False)
        if isinstance(reply, Exception):
            raise reply
        if reply and replicas < 1:
            raise NotReplicatedError(f"no replica has confirmed within {WAIT_MS} ms")
        return reply

    def _put(self, delivery: Delivery) -> None:
        while not self._stopping.is_set():
            try:
                self._inbox.put(delivery, timeout=PAUSE_S)
            except Full:
                continue
            return

    def _note(self, trouble: str) -> None:
        """Says so when the stream stops or begins to answer. No error texts: a server may repeat a password."""
        if trouble != self.trouble:
            self.trouble = trouble
            if trouble:
                log.warning("%r does not answer, trying again: %s", self.stream, trouble)
            else:
                log.info("%r answers again", self.stream)


class Inbox:
    """What the readers of all streams have read and nobody has taken yet. may_read: see `StreamReader`."""

    def __init__(self, may_read: Callable[[], bool]) -> None:
        self._may_read = may_read
        self._queue: Queue[Delivery] = Queue(maxsize=MOST_DELIVERIES)
        self._readers: dict[Stream, StreamReader] = {}

    def read(self, wanted: Set[Stream]) -> None:
        """From now on exactly the streams of `wanted` are read."""
        for stream in self._readers.keys() - wanted:
            self._readers.pop(stream).stop()
        for stream in wanted - self._readers.keys():
            self._readers[stream] = StreamReader(stream, self._queue, self._may_read)
            self._readers[stream].start()

    def next(self, wait_s: float) -> list[Delivery]:
        """What waits, up to a batch; waits a moment for the first."""
        deliveries: list[Delivery] = []
        with suppress(Empty):
            deliveries.append(self._queue.get(timeout=wait_s))
            while sum(len(delivery.entries) for delivery in deliveries) < MOST_ENTRIES:
                deliveries.append(self._queue.get_nowait())
        return deliveries

    def close(self) -> None:
        """What was read and not acknowledged stays pending in its stream."""
        for reader in self._readers.values():
            reader.stop()
        for reader in self._readers.values():
            reader.join()
