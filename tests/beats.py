"""Heartbeats of workers that are not there."""

from recognition.node import keys
from recognition.node.connections import Redis
from recognition.node.heartbeat import WorkerBeat
from recognition.node.messages import encode
from recognition.node.scripts import BEAT
from tests.recognizers import RECIPE, SPACE

SILENT_AFTER_MS = 5000


def beat_as(node: Redis, worker: str, said: bytes) -> int:
    """As if `worker` had said so just now. Returns the node's clock, ms."""
    beat = node.register_script(BEAT)
    now_ms: int = beat(keys=[keys.ONLY.workers, keys.ONLY.beats], args=[worker, said, SILENT_AFTER_MS])
    return now_ms


def beat_as_worker(node: Redis, *recipes: str, name: str = "busy", version: str = "") -> None:
    """As if a worker lived beside the node and were busy with something else."""
    beat = WorkerBeat(name, "stub", SPACE, list(recipes or (RECIPE,)), 0, 0, version=version)
    beat_as(node, name, encode(beat))
