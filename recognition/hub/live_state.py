"""What the hub knows of how cameras and nodes are doing right now."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from recognition.hub import keys
from recognition.hub.clock import hub_clock
from recognition.node.connections import Redis
from recognition.node.keys import shard_number
from recognition.recipe import recipes_that_do

NODE_STATES_TTL_S = 5

State = Literal["up", "degraded", "down", "disabled", "cordoned"]


class NodeState(msgspec.Struct, frozen=True):
    """What the monitor last found at a node. Times are milliseconds since 1970.

    recipes: those that each of its workers serves, since any of them may take any job. state: a node that is cordoned
    answers, takes no new photos and finishes those it has. The latencies and `load`, the share of their time that its
    workers were at work, are of the last minute; None while nothing is known. memory_limit_bytes: 0 for none. evicted:
    answers forgotten for lack of memory since its start. versions: of its workers, each with its engine. silent_shards:
    of a Cluster, the numbers of the shards that do not answer, of so many `shards`.
    """

    node: int
    name: str
    state: State
    workers: int
    queued: int
    seen_at_ms: int
    recipes: list[str]
    images_per_s: float = 0.0
    reason: str = ""
    oldest_job_s: float = 0.0
    queued_bytes: int = 0
    wait_p50_ms: float | None = None
    wait_p95_ms: float | None = None
    took_p50_ms: float | None = None
    took_p95_ms: float | None = None
    load: float | None = None
    memory_bytes: int = 0
    memory_limit_bytes: int = 0
    evicted: int = 0
    versions: list[str] = []
    shards: int = 1
    silent_shards: list[int] = []

    def reaches(self, digest: str) -> bool:
        """Whether the shard that has the photo answers."""
        return not self.silent_shards or shard_number(digest, self.shards) not in self.silent_shards

    def recipe_for(self, asked: str) -> str | None:
        """What the node, if enabled, is asked for in order to have `asked`; None if it is down or serves nothing such.

        One without workers is not passed over: they may be just starting.
        """
        if self.state == "down":
            return None
        if not self.workers:
            return recipe_for_unknown(asked)
        return next((recipe for recipe in recipes_that_do(asked) if recipe in self.recipes), None)


def recipe_for_unknown(asked: str) -> str | None:
    """What a node is asked for whose workers are not known: the exact twin, which all of the family serve."""
    return next(reversed(recipes_that_do(asked)), None)


class CameraState(msgspec.Struct, frozen=True):
    """A camera's accepted snapshots and when its newest one was taken; None while there is none."""

    received: int
    newest_at_ms: int | None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[NodeState]).decode


def put_node_states(hub: Redis, states: list[NodeState]) -> None:
    pipeline = hub.pipeline(transaction=False)
    pipeline.set(keys.NODE_STATES, _encode(states), ex=NODE_STATES_TTL_S)
    pipeline.set(keys.MONITOR_SEEN, hub_clock.now_ms())
    pipeline.execute()


def decode_node_states(stored: bytes | None) -> dict[int, NodeState]:
    return {} if stored is None else {state.node: state for state in _decode(stored)}


def node_states(hub: Redis) -> dict[int, NodeState]:
    """By node id; empty while no monitor reports."""
    return decode_node_states(hub.get(keys.NODE_STATES))


def monitor_silent_s(hub: Redis) -> float | None:
    """Seconds since the monitor last reported; None if it never has."""
    seen_ms, (now_s, now_us) = hub.pipeline(transaction=False).get(keys.MONITOR_SEEN).time().execute()
    return None if seen_ms is None else max(0.0, round(now_s + now_us / 1e6 - int(seen_ms) / 1000, 1))


def camera_states(hub: Redis, cameras: Iterable[int]) -> dict[int, CameraState]:
    wanted = list(cameras)
    if not wanted:
        return {}
    pipeline = hub.pipeline(transaction=False)
    pipeline.hmget(keys.RECEIVED, [str(camera) for camera in wanted])
    for camera in wanted:
        pipeline.hget(keys.newest(camera), "captured_at")
    received, *newest = pipeline.execute()
    return {
        camera: CameraState(int(count or 0), int(at) if at else None)
        for camera, count, at in zip(wanted, received, newest, strict=True)
    }
