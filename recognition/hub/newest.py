"""The newest snapshot of each camera, photo and all, for the wall."""

from collections.abc import Iterable
from dataclasses import dataclass

from recognition.hub import keys
from recognition.node.connections import Redis

NEWEST_TTL_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class NewestPhoto:
    snapshot: str
    captured_at_ms: int
    photo: bytes


def newest_photo(hub: Redis, camera: int) -> NewestPhoto | None:
    snapshot, captured_at, photo = hub.hmget(keys.newest(camera), ["snapshot", "captured_at", "photo"])
    if snapshot is None or photo is None:
        return None
    return NewestPhoto(snapshot.decode(), int(captured_at), photo)


def newest_snapshots(hub: Redis, cameras: Iterable[int]) -> dict[int, str]:
    """camera -> id of its newest snapshot, of those that have one."""
    wanted = list(cameras)
    pipeline = hub.pipeline(transaction=False)
    for camera in wanted:
        pipeline.hget(keys.newest(camera), "snapshot")
    found = pipeline.execute()
    return {camera: snapshot.decode() for camera, snapshot in zip(wanted, found, strict=True) if snapshot}
