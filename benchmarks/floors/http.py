"""What a bare ASGI function on uvicorn does that makes the same Redis writes as the snapshot route.

It knows no tokens, checks nothing, ranks no nodes; it takes the digest, calls the same scripts and answers.
"""

import hashlib
import os
import time
from itertools import count
from typing import Any

from benchmarks.stubs.recognizer import RECIPE
from recognition.hub import keys as hub_keys
from recognition.hub.newest import NEWEST_TTL_S
from recognition.hub.scripts import ACCEPT_HIT, ACCEPT_MISS
from recognition.intake.body import Receive, Scope, Send
from recognition.node import keys
from recognition.node.admission import Limits
from recognition.node.client import offer_arguments
from recognition.node.connections import connect_async
from recognition.node.messages import Job, Purpose, SnapshotRef, encode
from recognition.node.scripts import OFFER

CAMERAS = 8
EPOCH = 2**31  # newer than any that the hub knows
REMEMBER_S = 600
LIMITS = Limits(1_000_000, 2**40)

_node_urls = os.environ["BENCHMARK_NODE_URLS"].split()
# The product's own client: the floor is not to be slower for its library's sake.
_hub: Any = connect_async(os.environ["MALLVISION_HUB_URL"])
_nodes: list[Any] = [connect_async(url) for url in _node_urls]
_accept_hit = _hub.register_script(ACCEPT_HIT)
_accept_miss = _hub.register_script(ACCEPT_MISS)
_offers = [node.register_script(OFFER) for node in _nodes]

_numbers = count()
_shown: set[str] = set()
_epoch_key = hub_keys.epoch("registry")
_gallery_key = hub_keys.epoch("gallery")
_ref = encode(SnapshotRef("0" * 32, 1, Purpose.CAMERA, "0" * 64, RECIPE, 2**40, 2**40, 2**40))
_body = b'{"id":"%b","digest":"%b","state":"queued","node":"node-1"}' % (b"0" * 32, b"0" * 64)


async def hit(scope: Scope, receive: Receive, send: Send) -> None:
    """Digest, look-up, hit stream."""
    photo = await _photo(receive)
    digest = hashlib.sha256(photo).hexdigest()
    number = int(digest[:8], 16)
    answer = await _nodes[number % len(_nodes)].get(keys.ONLY.image(RECIPE, digest))
    camera = number % CAMERAS + 1
    reply = await _accept_hit(
        keys=[
            *(hub_keys.HITS, hub_keys.RECEIVED, _epoch_key, hub_keys.newest(camera), "remembered"),
            hub_keys.IN_LEDGER,
        ],
        args=[
            *(EPOCH, camera, _ref, 1, answer, "0" * 32, digest, time.time_ns() // 1_000_000),
            *(b"" if digest in _shown else photo, NEWEST_TTL_S, b"", REMEMBER_S),
        ],
    )
    (_shown.discard if reply[1] else _shown.add)(digest)
    await _reply(send, 200)


async def miss(scope: Scope, receive: Receive, send: Send) -> None:
    """Digest, ledger, job."""
    photo = await _photo(receive)
    digest = hashlib.sha256(photo).hexdigest()
    number = int(digest[:8], 16)
    snapshot = f"{next(_numbers):032x}"
    camera = number % CAMERAS + 1
    due_ms = time.time_ns() // 1_000_000 + 5000
    await _accept_miss(
        keys=[
            *(hub_keys.ledger_entry(snapshot), hub_keys.LEDGER_DUE, hub_keys.RECEIVED, _epoch_key, "remembered"),
            *(hub_keys.scene(camera), _gallery_key, hub_keys.IN_LEDGER),
        ],
        args=[EPOCH, camera, _ref, photo, 1, snapshot, due_ms, b"", REMEMBER_S, RECIPE, due_ms, 10_000],
    )
    job = Job(digest, RECIPE, Purpose.CAMERA, 600, 60_000)
    await _offers[number % len(_nodes)](**offer_arguments(keys.ONE_SHARD, snapshot, job, photo, LIMITS))
    await _reply(send, 202)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await (hit if scope["path"] == "/hit" else miss)(scope, receive, send)


async def _photo(receive: Receive) -> bytes:
    message = await receive()
    chunks = [message["body"]]
    while message["more_body"]:
        message = await receive()
        chunks.append(message["body"])
    return b"".join(chunks)


async def _reply(send: Send, status: int) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(_body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": _body})
