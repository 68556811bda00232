"""Snapshots as the hub knows them."""

import itertools
import time

from recognition.node.messages import Purpose, SnapshotRef
from recognition.node.snapshot_id import new_snapshot_id
from tests.recognizers import RECIPE

CAMERA = 7
_numbers = itertools.count(1)


def snapshot(
    captured_at_ms: int = 1000, camera: int = CAMERA, digest: str = "", may_repeat: bool = False
) -> SnapshotRef:
    """One that no test has used before."""
    number = next(_numbers)
    return SnapshotRef(
        id=new_snapshot_id(time.time_ns() // 1_000_000),
        camera=camera,
        purpose=Purpose.CAMERA if camera else Purpose.IDENTIFY,
        digest=digest or f"{number:064x}",
        recipe=RECIPE,
        captured_at_ms=captured_at_ms,
        received_at_ms=captured_at_ms,
        deadline_ms=captured_at_ms + 60_000,
        may_repeat=may_repeat,
    )
