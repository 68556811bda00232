"""A web process's one subscription."""

from collections.abc import AsyncIterator

import pytest
from channels.layers import get_channel_layer

from recognition.live import listener as listening
from recognition.live.listener import Listener, listener, stop_listening
from recognition.live.messages import GROUP, LiveStatus
from recognition.node.connections import Redis
from tests.live.test_fanout import Browser
from tests.waiting import until


@pytest.fixture
async def live(hub_url: str) -> AsyncIterator[Listener]:
    yield listener()
    await stop_listening()


def status(registry: int = 1, gallery: int = 1) -> LiveStatus:
    return {"type": "live.status", "text": "figures", "registry": registry, "gallery": gallery}


async def publish(message: LiveStatus) -> None:
    await get_channel_layer().group_send(GROUP, message)


def subscribers(hub: Redis) -> set[str]:
    """The ids of the hub's clients that are subscribed to something."""
    return {client["id"] for client in hub.client_list() if client["sub"] != "0"}


async def test_a_subscription_that_hears_nothing_is_made_anew(
    live: Listener, hub: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "SILENT_AFTER_S", 0.2)
    await live.subscribed()
    await until(lambda: subscribers(hub))
    first = subscribers(hub)
    await until(lambda: subscribers(hub) and not subscribers(hub) & first)


async def test_who_was_subscribed_before_hears_what_comes_after(
    live: Listener, hub: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "SILENT_AFTER_S", 0.2)
    browser = Browser()
    live.sockets.add(browser.socket)
    await live.subscribed()
    turn = live.turn
    await until(lambda: live.turn > turn)
    await live.subscribed()
    await publish(status())
    await until(lambda: browser.read == ["figures"])


async def test_browsers_are_greeted_again_once_it_stands_again(live: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was published before it stood has reached nobody who was greeted before."""
    stood: list[bool] = []
    monkeypatch.setattr(listening, "SILENT_AFTER_S", 0.2)
    monkeypatch.setattr(Listener, "_greet_anew", lambda live: stood.append(live._subscribed.is_set()))
    await live.subscribed()
    await until(lambda: len(stood) >= 2)
    assert stood[:2] == [False, True]


@pytest.mark.parametrize("moved", [status(registry=2), status(gallery=2)], ids=["registry", "gallery"])
async def test_what_waits_is_dropped_when_an_epoch_moves(live: Listener, moved: LiveStatus) -> None:
    await live.subscribed()
    await publish(status())
    await until(lambda: live.turn)
    browser = Browser()
    browser.reading.clear()
    live.sockets.add(browser.socket)
    for text in ("under way", "Ada is here"):
        browser.socket.write(text)
    before = live.turn
    await publish(moved)
    await until(lambda: live.turn > before)
    browser.reading.set()
    await until(lambda: browser.read == ["under way", "figures"])


async def test_the_same_epochs_drop_nothing(live: Listener) -> None:
    browser = Browser()
    live.sockets.add(browser.socket)
    await live.subscribed()
    await publish(status())
    await publish(status())
    await until(lambda: browser.read == ["figures", "figures"])
    assert live.turn == 1
