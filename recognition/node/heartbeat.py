"""How a worker shows that it lives, and keeps the jobs it holds from being taken over."""

import logging
import threading
import time
from collections.abc import Callable, Sequence

import msgspec
import redis

from recognition.node import keys
from recognition.node.connections import Redis
from recognition.node.messages import encode
from recognition.node.scripts import BEAT
from recognition.node.trouble import Trouble

BEAT_EVERY_S = 1.0
WORKER_TTL_S = 5

log = logging.getLogger(__name__)


class WorkerBeat(msgspec.Struct, frozen=True, array_like=True):
    """What a living worker says of itself. started_at_ms: milliseconds since 1970, the worker's clock.

    refused: entries of the job stream that were no job.
    """

    worker: str
    engine_id: str
    space: str
    recipes: list[str]
    started_at_ms: int
    photos: int
    refused: int = 0


decode_beat = msgspec.msgpack.Decoder(WorkerBeat).decode


class Heartbeat(threading.Thread):
    """Beats once a second from a thread of its own, so that a long recognition does not silence the worker.

    say: gives the beat to send. held: gives the stream ids of the jobs in hand; claiming them again without
    counting it as a delivery keeps them from looking idle.
    """

    def __init__(
        self, node: Redis, worker_id: str, say: Callable[[], WorkerBeat], held: Callable[[], Sequence[bytes]]
    ) -> None:
        super().__init__(name=f"heartbeat of {worker_id}", daemon=True)
        self._node = node
        self._worker_id = worker_id
        self._say = say
        self._held = held
        self._stopping = threading.Event()
        self._beat = node.register_script(BEAT)
        self._trouble = Trouble("the node (heartbeat)", log)
        self._ahead_ms: int | None = None

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
        told_ms = self._beat(
            keys=[keys.WORKERS, keys.worker(self._worker_id)],
            args=[self._worker_id, encode(self._say()), WORKER_TTL_S],
        )
        self._ahead_ms = int(told_ms) - _steady_ms()
        if held := list(self._held()):
            self._node.xclaim(keys.JOBS, keys.WORKER_GROUP, self._worker_id, 0, held, justid=True)

    def node_now_ms(self) -> int:
        """Milliseconds since 1970 by the node's clock, as the last beat found it; 0 before the first."""
        return 0 if self._ahead_ms is None else _steady_ms() + self._ahead_ms

    def stop(self) -> None:
        self._stopping.set()
        self.join()


def _steady_ms() -> int:
    """By a clock that never jumps."""
    return time.monotonic_ns() // 1_000_000


def living_workers(node: Redis) -> list[WorkerBeat]:
    """What each worker that has beaten within its time to live says of itself."""
    names = node.zrange(keys.WORKERS, 0, -1)
    if not names:
        return []
    beats = node.mget([keys.worker(name.decode()) for name in names])
    return [decode_beat(beat) for beat in beats if beat is not None]
