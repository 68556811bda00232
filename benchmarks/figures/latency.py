"""The whole product, from the first byte of an upload to its result in a browser."""

import asyncio
import random
import time
from itertools import cycle

import msgspec
import uvloop

from benchmarks.drivers.browsers import opened
from benchmarks.drivers.uploads import connected, request
from benchmarks.lengths import Lengths
from benchmarks.mall import Mall
from benchmarks.photos import distinct_photos
from benchmarks.processes import BenchmarkFailed, Processes, manage, python
from benchmarks.rounds import Latency
from benchmarks.web import PRODUCT, start_web
from mallvision.launch.programs import BEHIND

SNAPSHOTS = "/api/v1/snapshots"
LIVE = "/ws/live"
COMPUTE_MS = 30.0
PER_S = 10.0
WARM_UP_SNAPSHOTS = 10
READY_TIMEOUT_S = 30.0
RESULT_TIMEOUT_S = 10.0


class _Queued(msgspec.Struct):
    id: str


class _Shown(msgspec.Struct):
    id: str


class _Message(msgspec.Struct):
    kind: str
    results: list[_Shown] = []


_decode_reply = msgspec.json.Decoder(_Queued).decode
_decode_message = msgspec.json.Decoder(_Message).decode


class Watch:
    """A browser's side: when it was shown which snapshot."""

    def __init__(self) -> None:
        self._shown_at: dict[str, float] = {}
        self._news = asyncio.Event()

    def hear(self, text: bytes) -> None:
        at = time.perf_counter()
        message = _decode_message(text)
        if message.kind == "results":
            for result in message.results:
                self._shown_at[result.id] = at
            self._news.set()

    async def shown_at(self, snapshot: str) -> float:
        try:
            async with asyncio.timeout(RESULT_TIMEOUT_S):
                while snapshot not in self._shown_at:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise BenchmarkFailed(f"a snapshot was not shown within {RESULT_TIMEOUT_S:.0f} s") from None
        return self._shown_at[snapshot]


def upload_to_browser(mall: Mall, lengths: Lengths) -> Latency:
    """All processes of `make run` on the measured core, workers with 30 ms of processor time and a face per photo."""
    with mall.processes() as processes:
        port, _ = start_web(processes, mall, "web", PRODUCT)
        _start_the_rest(processes, mall)
        rounds = uvloop.run(_rounds_ms(mall, port, lengths))
        processes.check()
    return Latency("upload to browser minus compute", (6.0, 15.0), rounds)


def _start_the_rest(processes: Processes, mall: Mall) -> None:
    core = mall.cores.measured
    processes.start("collector", manage("run_collector"), core)
    processes.start("monitor", manage("run_monitor"), core)
    for number, url in enumerate(mall.node_urls):
        options = ("--photos-per-batch", "1", "--processor-ms", str(COMPUTE_MS), "--faces", "1")
        # As `make run` does, workers stand behind what people wait for.
        processes.start(f"worker-{number}", [*BEHIND, *python("-m", "benchmarks.stubs.worker", url, *options)], core)


async def _rounds_ms(mall: Mall, port: int, lengths: Lengths) -> list[list[float]]:
    watch = Watch()
    browser = await opened(LIVE, mall.rows.session, port, watch.hear)
    await _ready(mall, port, watch)
    try:
        return [
            await _round_ms(mall, port, watch, round(lengths.latency_lasts_s * PER_S))
            for _ in range(lengths.latency_rounds)
        ]
    finally:
        browser.close()


async def _ready(mall: Mall, port: int, watch: Watch) -> None:
    """Some snapshots first, all answered: every process is up and has done each thing once."""
    async with asyncio.timeout(READY_TIMEOUT_S):
        await asyncio.sleep(3.0)
        await _round_ms(mall, port, watch, WARM_UP_SNAPSHOTS)


async def _round_ms(mall: Mall, port: int, watch: Watch, count: int) -> list[float]:
    """Uploads that come evenly but for some jitter, whatever becomes of those before."""
    jitter = random.Random(3)
    tokens = cycle(mall.rows.tokens)
    tasks = []
    for photo, _ in zip(distinct_photos(), range(count), strict=False):
        await asyncio.sleep(jitter.uniform(0.7, 1.3) / PER_S)
        tasks.append(asyncio.create_task(_one_ms(request(SNAPSHOTS, next(tokens), photo), port, watch)))
    return await asyncio.gather(*tasks)


async def _one_ms(upload: bytes, port: int, watch: Watch) -> float:
    """Milliseconds from the upload's first byte to its result in the browser, without the photo's compute."""
    uploader = await connected(port, 202)
    started_at = time.perf_counter()
    reply = _decode_reply(await uploader.post(upload))
    ends_at = await watch.shown_at(reply.id)
    uploader.close()
    return (ends_at - started_at) * 1000 - COMPUTE_MS
