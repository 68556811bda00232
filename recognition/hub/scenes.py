"""The scene that each camera last showed: what its next snapshots are compared with."""

from collections.abc import Iterable
from dataclasses import dataclass

from recognition.hub import keys
from recognition.hub.scripts import PUT_SCENE
from recognition.node.connections import Redis

# Snapshots may arrive late; and a camera whose clock stands still has its scene looked at anew by then.
KEPT_FOR_REFRESHES = 3


@dataclass(frozen=True, slots=True)
class Scene:
    """What a snapshot that was really recognised showed.

    gallery_epoch: of the people among whom its faces were looked for. signature: `messages.Recognition.scene`.
    """

    camera: int
    snapshot: str
    captured_at_ms: int
    recipe: str
    gallery_epoch: int
    signature: bytes


def put_scenes(hub: Redis, scenes: Iterable[Scene], refresh_s: float) -> None:
    """Keeps the newest scene of each camera. Raises redis.RedisError when the hub does not answer."""
    newest: dict[int, Scene] = {}
    for scene in sorted(scenes, key=lambda scene: scene.captured_at_ms):
        newest[scene.camera] = scene
    if not newest:
        return
    script = hub.register_script(PUT_SCENE)
    pipeline = hub.pipeline(transaction=False)
    ttl_ms = round(refresh_s * KEPT_FOR_REFRESHES * 1000)
    for scene in newest.values():
        script(
            keys=[keys.scene(scene.camera)],
            args=[scene.snapshot, scene.captured_at_ms, scene.recipe, scene.gallery_epoch, scene.signature, ttl_ms],
            client=pipeline,
        )
    pipeline.execute()
