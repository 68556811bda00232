"""Results written to a hundred browsers, each of which gets every one."""

import asyncio
from collections.abc import Sequence
from functools import partial

import psutil
import uvloop

from benchmarks.drivers.browsers import Browser, opened
from benchmarks.drivers.ready import READY
from benchmarks.lengths import Lengths
from benchmarks.mall import Mall
from benchmarks.meter import Meter
from benchmarks.processes import BenchmarkFailed, Processes, shell
from benchmarks.rounds import Comparison, Measured, interleaved
from benchmarks.web import PRODUCT, start_web

FLOOR = "benchmarks.floors.push:application"
BROWSERS = 100
IN_FLIGHT = 10
WARM_UP_S = 0.5
GREETING_TIMEOUT_S = 20.0
LIVE = "/ws/live"


class Audience:
    """A hundred browsers that see to it that always IN_FLIGHT results are on their way."""

    def __init__(self, processes: Processes, publisher: str) -> None:
        self._processes = processes
        self._publisher = publisher
        self._is_asking = False
        self._greeted = 0
        self.delivered = 0
        self.is_greeted = asyncio.Event()

    def hear(self, text: bytes) -> None:
        if not text.startswith(b'{"kind":"results"'):
            self._greet(text)
            return
        self.delivered += 1
        if self._is_asking and self.delivered % BROWSERS == 0:
            self._processes.write(self._publisher, b".")

    def _greet(self, text: bytes) -> None:
        self._greeted += text.startswith(b'{"kind":"hello"')
        if self._greeted == BROWSERS:
            self.is_greeted.set()

    def ask(self) -> None:
        self._is_asking = True
        self._processes.write(self._publisher, b"." * IN_FLIGHT)

    def rest(self) -> None:
        self._is_asking = False


def push(mall: Mall, lengths: Lengths) -> Comparison:
    with mall.processes() as processes:
        product, web = start_web(processes, mall, "web", PRODUCT)
        floor, floor_web = start_web(processes, mall, "floor-push", FLOOR)
        publish = f"benchmarks.drivers.publishing.publish({mall.rows.group})"
        publish_plainly = "benchmarks.drivers.publishing.publish_plainly()"
        processes.start("publisher", shell(publish), mall.cores.driving)
        processes.start("floor-publisher", shell(publish_plainly), mall.cores.driving)
        for name in ("publisher", "floor-publisher"):
            processes.wait_for_line(name, READY)

        def measure(port: int, process: psutil.Process, publisher: str) -> Measured:
            meter = Meter([process])
            audience = Audience(processes, publisher)
            rate = uvloop.run(_deliveries_per_s(mall, port, audience, lengths.lasts_s, meter))
            processes.check()
            return Measured(rate, meter.us_each(rate * lengths.lasts_s))

        rounds = interleaved(
            partial(measure, product, web, "publisher"),
            partial(measure, floor, floor_web, "floor-publisher"),
            lengths.rounds,
        )
    return Comparison("to 100 browsers", "deliveries/s", 0.8, rounds)


async def _deliveries_per_s(mall: Mall, port: int, audience: Audience, lasts_s: float, meter: Meter) -> float:
    browsers = [await opened(LIVE, mall.rows.session, port, audience.hear) for _ in range(BROWSERS)]
    try:
        await asyncio.wait_for(audience.is_greeted.wait(), GREETING_TIMEOUT_S)
        audience.ask()
        await asyncio.sleep(WARM_UP_S)
        return await _counted(audience, lasts_s, meter)
    finally:
        audience.rest()
        await _until_quiet(audience)
        _close(browsers)


async def _counted(audience: Audience, lasts_s: float, meter: Meter) -> float:
    now = asyncio.get_running_loop().time
    started_at, before = now(), audience.delivered
    meter.start()
    await asyncio.sleep(lasts_s)
    meter.stop()
    rate = (audience.delivered - before) / (now() - started_at)
    if not rate:
        raise BenchmarkFailed("nothing was delivered to the browsers")
    return rate


async def _until_quiet(audience: Audience) -> None:
    """What is still on its way must not be delivered into the next round."""
    before = -1
    while audience.delivered > before:
        before = audience.delivered
        await asyncio.sleep(0.1)


def _close(browsers: Sequence[Browser]) -> None:
    for browser in browsers:
        browser.close()
