"""`python -m benchmarks.floors.stream_worker URL`: a raw stream, batches of 8. What a worker cannot do without.

One read takes a batch; one pipeline stores each image's answer, appends its result, acknowledges and deletes it.
"""

import sys
from typing import Any

import redis

from benchmarks.stubs.messages import no_face
from benchmarks.stubs.recognizer import RECIPE
from recognition.node import keys

BATCH = 8
TTL_S = 600
BLOCK_MS = 1000


def main(url: str) -> None:
    node: Any = redis.Redis.from_url(url, protocol=2, socket_timeout=None)
    while True:
        reply = node.xreadgroup(keys.WORKER_GROUP, "floor", {keys.ONLY.jobs: ">"}, count=BATCH, block=BLOCK_MS)
        if reply:
            _answer(node, reply[0][1])


def _answer(node: Any, entries: list[tuple[bytes, dict[bytes, bytes]]]) -> None:
    pipeline = node.pipeline(transaction=False)
    for entry_id, fields in entries:
        digest = fields[b"job"].decode()
        answer = no_face()
        pipeline.set(keys.ONLY.image(RECIPE, digest), answer, ex=TTL_S)
        pipeline.xadd(keys.ONLY.results, {"snapshot": digest[:32], "way": "miss", "digest": digest, "ending": answer})
        pipeline.xack(keys.ONLY.jobs, keys.WORKER_GROUP, entry_id)
        pipeline.xdel(keys.ONLY.jobs, entry_id)
    pipeline.execute()


if __name__ == "__main__":
    main(sys.argv[1])
