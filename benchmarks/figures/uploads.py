"""The hit path and the miss path: uploads answered from a cache, and uploads queued for a worker."""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial

import psutil
import uvloop

from benchmarks.drivers.uploads import MakeRequest, request, requests_per_s
from benchmarks.lengths import Lengths
from benchmarks.mall import Mall
from benchmarks.meter import Meter
from benchmarks.photos import distinct_photos
from benchmarks.processes import python
from benchmarks.rounds import Comparison, Measured, interleaved
from benchmarks.stubs.messages import one_face
from benchmarks.stubs.recognizer import RECIPE
from benchmarks.web import PRODUCT, start_web
from recognition.node import keys

SNAPSHOTS = "/api/v1/snapshots"
FLOOR = "benchmarks.floors.http:application"
ANSWER_TTL_S = 3600


def hit_path(mall: Mall, lengths: Lengths) -> Comparison:
    """Eight cameras, each of which sends its own photo again and again; every node holds all the answers."""
    photos = [photo for photo, _ in zip(distinct_photos(), mall.rows.tokens, strict=False)]

    def prepare() -> None:
        mall.empty()
        for number in range(len(mall.node_urls)):
            node = mall.node(number)
            for photo in photos:
                node.set(keys.ONLY.image(RECIPE, hashlib.sha256(photo).hexdigest()), one_face(), ex=ANSWER_TTL_S)

    def makers(path: str) -> list[MakeRequest]:
        bodies = [request(path, token, photo) for token, photo in zip(mall.rows.tokens, photos, strict=True)]
        return [partial(_same, body) for body in bodies]

    rounds = _measured(mall, lengths, prepare, makers, "/hit", 200)
    return Comparison("hit path", "requests/s", 0.8, rounds)


def miss_path(mall: Mall, lengths: Lengths) -> Comparison:
    """Eight cameras, no photo ever twice. No-op workers on the other core keep the queues short."""
    photos = distinct_photos()

    def makers(path: str) -> list[MakeRequest]:
        return [partial(_next_request, path, token, photos) for token in mall.rows.tokens]

    with mall.processes() as workers:
        for number, url in enumerate(mall.node_urls):
            workers.start(f"no-op-{number}", python("-m", "benchmarks.stubs.worker", url), mall.cores.driving)
        rounds = _measured(mall, lengths, mall.empty, makers, "/miss", 202)
    return Comparison("miss path", "requests/s", 0.75, rounds)


def _measured(
    mall: Mall,
    lengths: Lengths,
    prepare: Callable[[], None],
    makers: Callable[[str], list[MakeRequest]],
    floor_path: str,
    expected: int,
) -> list[tuple[Measured, Measured]]:
    def measure(path: str, server: tuple[int, psutil.Process]) -> Measured:
        prepare()
        port, process = server
        meter = Meter([process])
        rate = uvloop.run(requests_per_s(port, expected, makers(path), lengths.lasts_s, meter))
        return Measured(rate, meter.us_each(rate * lengths.lasts_s))

    with mall.processes() as servers:
        product = start_web(servers, mall, "web", PRODUCT)
        floor = start_web(servers, mall, "floor-http", FLOOR)
        return interleaved(partial(measure, SNAPSHOTS, product), partial(measure, floor_path, floor), lengths.rounds)


def _same(body: bytes) -> bytes:
    return body


def _next_request(path: str, token: str, photos: Iterator[bytes]) -> bytes:
    return request(path, token, next(photos))
