"""What the hub knows of how cameras and nodes are doing right now."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from recognition.hub import keys
from recognition.node.connections import Redis

NODE_STATES_TTL_S = 5

State = Literal["up", "degraded", "down", "disabled"]


class NodeState(msgspec.Struct, frozen=True):
    """What the monitor last found at a node. Times are milliseconds since 1970."""

    node: int
    name: str
    state: State
    workers: int
    queued: int
    seen_at_ms: int
    recipes: list[str]
    images_per_s: float = 0.0
    reason: str = ""

    def is_usable_for(self, recipe: str) -> bool:
        """Whether an enabled node may be asked. One without workers names no recipes: they may be just starting."""
        return self.state != "down" and (not self.recipes or recipe in self.recipes)


class CameraState(msgspec.Struct, frozen=True):
    """A camera's accepted snapshots and when its newest one was taken; None while there is none."""

    received: int
    newest_at_ms: int | None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[NodeState]).decode


def put_node_states(hub: Redis, states: list[NodeState]) -> None:
    hub.set(keys.NODE_STATES, _encode(states), ex=NODE_STATES_TTL_S)


def decode_node_states(stored: bytes | None) -> dict[int, NodeState]:
    return {} if stored is None else {state.node: state for state in _decode(stored)}


def node_states(hub: Redis) -> dict[int, NodeState]:
    """By node id; empty while no monitor reports."""
    return decode_node_states(hub.get(keys.NODE_STATES))


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
