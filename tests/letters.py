"""Dead letters for tests."""

import hashlib
from collections.abc import Sequence

from recognition.node.connections import Redis
from recognition.node.messages import Job, Purpose, encode
from recognition.node.shards import shards_of
from tests.recognizers import RECIPE

REASON = "3 workers died of it"
GIVEN_UP_AT_MS = 1_780_000_000_000


def dead_letter(node: Redis, picture: bytes, snapshots: Sequence[str] = ("a" * 32,)) -> str:
    """Leaves one on the node, as if a job had been given up. Returns its id."""
    digest = hashlib.sha256(picture).hexdigest()
    job = Job(digest, RECIPE, Purpose.CAMERA, 600, 60_000)
    fields: dict[str, bytes | str | int] = {
        "reason": REASON,
        "deliveries": 3,
        "worker": "worker-7",
        "snapshots": ",".join(snapshots),
        "at": GIVEN_UP_AT_MS,
        "job": encode(job),
        "photo": picture,
    }
    shard = shards_of(node).of(digest)
    letter: bytes = node.xadd(shard.dead, fields)
    return letter.decode() if shard.of == 1 else f"{letter.decode()}-{shard.number}"
