"""What a worker measures of its own work: how long photos waited, how long they took, how busy it was."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from recognition.node.histogram import Histogram


class NodeClock:
    """A server's clock as the worker knows it: each heartbeat brings its time, in between this process's clock runs on.

    Job ids are moments of the node's clock, and a worker may stand on another machine whose clock is not the same.
    """

    def __init__(self) -> None:
        self._ahead_ms: float | None = None

    def set(self, node_ms: int, asked_at_s: float) -> None:
        """node_ms: the node's answer to a question that was sent at `asked_at_s` and has just been answered."""
        self._ahead_ms = node_ms - (asked_at_s + time.monotonic()) / 2 * 1000

    def now_ms(self) -> float | None:
        """None before the first heartbeat."""
        return None if self._ahead_ms is None else self._ahead_ms + time.monotonic() * 1000


class Measures:
    """Everything since the worker's start. Its own thread writes, the heartbeat's reads."""

    def __init__(self) -> None:
        self.waits = Histogram()
        self.takes = Histogram()
        self._started_s = time.monotonic()
        self._lock = threading.Lock()
        self._busy_s = 0.0
        self._busy_since_s: float | None = None

    def waited(self, waited_ms: float | None) -> None:
        """Notes how long a job has waited, if that is known."""
        if waited_ms is not None:
            self.waits.add(waited_ms)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        started_s = time.monotonic()
        with self._lock:
            self._busy_since_s = started_s
        try:
            yield
        finally:
            with self._lock:
                self._busy_s += time.monotonic() - started_s
                self._busy_since_s = None

    @contextmanager
    def recognising(self, photos: int) -> Iterator[None]:
        """Shares the time of a batch out among its photos. One that fails is not counted: its photos come again."""
        started_s = time.monotonic()
        yield
        self.takes.add((time.monotonic() - started_s) * 1000 / photos, times=photos)

    def alive_and_busy_us(self) -> tuple[int, int]:
        """How long the worker has lived and how much of that it has worked, the work in hand included."""
        with self._lock:
            now_s = time.monotonic()
            busy_s = self._busy_s + (now_s - self._busy_since_s if self._busy_since_s is not None else 0.0)
        return round((now_s - self._started_s) * 1e6), round(busy_s * 1e6)
