"""The live subscription goes on when the hub's Sentinels take another master."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator

import pytest
from pytest_django import Settings

from benchmarks.forms.trio import SentinelTrio
from mallvision.channel_hosts import channel_hosts
from recognition.live import listener as listening
from recognition.live import publisher as publishing
from recognition.live.listener import Listener, listener, stop_listening
from recognition.live.messages import LiveStatus
from recognition.live.publisher import Publisher
from tests.live.test_fanout import Browser

STATUS: LiveStatus = {"type": "live.status", "text": "figures", "registry": 1, "gallery": 1}
PATIENCE_S = 20.0


@pytest.fixture
def hub_behind_sentinels(trio: SentinelTrio, settings: Settings) -> SentinelTrio:
    layer = {**settings.CHANNEL_LAYERS["default"], "CONFIG": {"hosts": channel_hosts(trio.url), "prefix": "live"}}
    settings.CHANNEL_LAYERS = {"default": layer}
    return trio


@pytest.fixture
async def live(hub_behind_sentinels: SentinelTrio) -> AsyncIterator[Listener]:
    yield listener()
    await stop_listening()


@pytest.fixture
def publisher(hub_behind_sentinels: SentinelTrio) -> Iterator[Publisher]:
    """As the monitor's."""
    publisher = Publisher()
    yield publisher
    publisher.close()


async def hears_something(browser: Browser, publisher: Publisher) -> None:
    """Publishes until something arrives."""
    browser.read.clear()
    async with asyncio.timeout(PATIENCE_S):
        while not browser.read:
            await asyncio.to_thread(publisher.publish, STATUS)
            await asyncio.sleep(0.05)


async def test_messages_arrive_again_after_the_master_died(
    live: Listener, publisher: Publisher, hub_behind_sentinels: SentinelTrio
) -> None:
    browser = Browser()
    live.sockets.add(browser.socket)
    await live.subscribed()
    await hears_something(browser, publisher)
    dead = await asyncio.to_thread(hub_behind_sentinels.kill_master)
    await asyncio.to_thread(hub_behind_sentinels.wait_for_failover, dead)
    await hears_something(browser, publisher)


async def test_messages_arrive_again_when_the_master_hangs(
    live: Listener, publisher: Publisher, hub_behind_sentinels: SentinelTrio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "SILENT_AFTER_S", 1.0)
    monkeypatch.setattr(publishing, "TIMEOUT_S", 0.5)
    browser = Browser()
    live.sockets.add(browser.socket)
    await live.subscribed()
    await hears_something(browser, publisher)
    old = await asyncio.to_thread(hub_behind_sentinels.master)
    assert old.process is not None
    os.kill(old.process.pid, signal.SIGSTOP)
    try:
        await asyncio.to_thread(hub_behind_sentinels.wait_for_failover, old)
        await hears_something(browser, publisher)
    finally:
        os.kill(old.process.pid, signal.SIGCONT)
