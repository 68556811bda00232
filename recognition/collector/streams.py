"""Reading the streams that say how snapshots ended: one thread for each, all into one inbox."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from queue import Full, Queue

import redis

from recognition.node.connections import connect

MOST_ENTRIES = 200
BLOCK_MS = 250  # how soon a reader notices that it should stop
PAUSE_S = 0.5
CONSUMER = "collector"  # one name for all: whoever is active finds what its predecessor left unacknowledged

log = logging.getLogger(__name__)

Entry = tuple[bytes, dict[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream to read. node: the database id of the node it stands on, None for the hub."""

    url: str
    key: str
    group: str
    node: int | None

    def __repr__(self) -> str:
        return f"<{self.key} of {'the hub' if self.node is None else f'node {self.node}'}>"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Entries of one stream, not acknowledged yet."""

    stream: Stream
    entries: Sequence[Entry]


class StreamReader(threading.Thread):
    """Reads one stream until stopped: first what is pending, then what comes."""

    def __init__(self, stream: Stream, inbox: "Queue[Delivery]") -> None:
        super().__init__(name=f"reader of {stream!r}", daemon=True)
        self.stream = stream
        self._inbox = inbox
        self._redis = connect(stream.url)
        self._stopping = threading.Event()

    def run(self) -> None:
        start = b"0"
        while not self._stopping.is_set():
            try:
                start = self._read(start)
            except redis.ResponseError as error:
                if not str(error).startswith("NOGROUP"):
                    log.warning("%r cannot be read: %s", self.stream, error)
                    self._stopping.wait(PAUSE_S)
                self._make_group()
                start = b"0"
            except redis.RedisError as error:
                log.warning("%r does not answer, trying again: %s", self.stream, error)
                self._stopping.wait(PAUSE_S)
                start = b"0"
        self._redis.close()

    def stop(self) -> None:
        self._stopping.set()

    def _read(self, start: bytes) -> bytes:
        """Reads once and returns where to go on: pending entries are read from the beginning to their end."""
        reply = self._redis.xreadgroup(
            self.stream.group, CONSUMER, {self.stream.key: start}, count=MOST_ENTRIES, block=BLOCK_MS
        )
        entries: list[Entry] = reply[0][1] if reply else []
        if entries:
            self._put(Delivery(self.stream, entries))
            return entries[-1][0] if start != b">" else start
        return b">"

    def _put(self, delivery: Delivery) -> None:
        while not self._stopping.is_set():
            try:
                self._inbox.put(delivery, timeout=PAUSE_S)
            except Full:
                continue
            return

    def _make_group(self) -> None:
        try:
            self._redis.xgroup_create(self.stream.key, self.stream.group, id="0", mkstream=True)
        except redis.RedisError as error:
            if "BUSYGROUP" not in str(error):
                log.warning("%r: no consumer group: %s", self.stream, error)
