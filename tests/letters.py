"""Dead letters for tests."""

import hashlib
from collections.abc import Sequence

from recognition.node import keys
from recognition.node.connections import Redis
from recognition.node.dead_letters import DeadLetter, DeadLetters
from recognition.node.messages import Job, Purpose
from tests.recognizers import RECIPE

REASON = "3 workers died of it"
GIVEN_UP_AT_MS = 1_780_000_000_000


def dead_letter(node: Redis, picture: bytes, snapshots: Sequence[str] = ("a" * 32,)) -> str:
    """Leaves one on the node, as if a job had been given up. Returns its id."""
    job = Job(hashlib.sha256(picture).hexdigest(), RECIPE, Purpose.CAMERA, 600, 60_000)
    letter = DeadLetter("", GIVEN_UP_AT_MS, REASON, 3, "worker-7", tuple(snapshots), job, len(picture))
    DeadLetters(node).put_back(letter, picture)
    newest: bytes = node.xrevrange(keys.ONLY.dead, count=1)[0][0]
    return newest.decode()
