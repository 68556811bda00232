"""The wall while the hub is down: it opens, says so, and goes on by itself when the hub is back."""

import json
import logging

import pytest
from channels.testing import WebsocketCommunicator

from recognition.live import consumers, listener
from tests.live.test_websocket import client, done, socket_of, told
from tests.mall import Mall, Web, build_mall
from tests.mortal_hub import MortalHub
from tests.photos import photo
from tests.waiting import until


@pytest.fixture
def mall(transactional_db: None, mortal_hub: MortalHub, node_urls: list[str], monkeypatch: pytest.MonkeyPatch) -> Mall:
    monkeypatch.setattr(listener, "SUBSCRIBE_TIMEOUT_S", 0.3)
    return build_mall(node_urls)


async def test_a_wall_that_is_opened_then_is_told_that_the_hub_is_down(
    mall: Mall, web: Web, mortal_hub: MortalHub
) -> None:
    viewer = await client("viewer", mall.group)
    mortal_hub.kill()
    async with socket_of(viewer) as socket:
        hello = await told(socket, "hello")
    assert hello["totals"]["hub"] == "down"
    assert [camera["slug"] for camera in hello["cameras"]] == ["gate-1"]


async def test_the_log_says_so_once_and_plainly(
    mall: Mall, web: Web, mortal_hub: MortalHub, caplog: pytest.LogCaptureFixture
) -> None:
    viewer = await client("viewer", mall.group)
    mortal_hub.kill()
    for _ in range(2):
        async with socket_of(viewer) as socket:
            await told(socket, "hello")
    said = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.getMessage() for record in said if record.exc_info] == []
    assert lines_of(caplog, "recognition.live") == [
        "the live subscription does not answer, trying again: ConnectionError"
    ]


async def test_an_open_walls_log_says_so_once_and_plainly(
    mall: Mall, web: Web, mortal_hub: MortalHub, caplog: pytest.LogCaptureFixture
) -> None:
    async with socket_of(await client("viewer", mall.group)) as socket:
        await told(socket, "hello")
        mortal_hub.kill()
        await until(lambda: lines_of(caplog, "channels_redis"))
    assert lines_of(caplog, "channels_redis") == ["the hub does not answer, trying again: ConnectionError"]
    assert not [record for record in caplog.records if record.exc_info]


def lines_of(caplog: pytest.LogCaptureFixture, name: str) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name.startswith(name)]


async def test_the_same_wall_is_live_again_when_the_hub_is_back(
    mall: Mall, web: Web, mortal_hub: MortalHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "CHECK_RIGHTS_EVERY_S", 0.05)
    viewer = await client("viewer", mall.group)
    mortal_hub.kill()
    async with socket_of(viewer) as socket:
        assert (await told(socket, "hello"))["totals"]["hub"] == "down"
        mortal_hub.start()
        while (await told(socket, "hello"))["totals"]["hub"] == "down":
            pass
        snapshot = await done(mall, web, photo())
        await told_of(socket, snapshot)


async def told_of(socket: WebsocketCommunicator, snapshot: str) -> None:
    """By itself, or in a greeting."""
    while True:
        message = json.loads(await socket.receive_from(timeout=10))
        if snapshot in [result["id"] for result in message.get("results", ())]:
            return
