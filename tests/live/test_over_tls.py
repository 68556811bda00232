"""The live subscription by TLS."""

import asyncio

import pytest
from pytest_django import Settings

from benchmarks.forms.member import Member
from benchmarks.forms.trio import SentinelTrio
from mallvision.channel_hosts import channel_hosts
from recognition.live.listener import listener, stop_listening
from recognition.live.publisher import Publisher
from tests.live.test_failover import hears_something
from tests.live.test_fanout import Browser
from tests.tls import Tls, tls_url


@pytest.fixture(params=["one server", "behind Sentinels"])
def hub_by_tls(request: pytest.FixtureRequest, tls: Tls, settings: Settings) -> None:
    hub: Member | SentinelTrio = request.getfixturevalue("tls_server" if request.param == "one server" else "tls_trio")
    url = tls_url(hub.url, tls.trusting)
    layer = {**settings.CHANNEL_LAYERS["default"], "CONFIG": {"hosts": channel_hosts(url), "prefix": "live"}}
    settings.CHANNEL_LAYERS = {"default": layer}


async def test_a_message_arrives(hub_by_tls: None) -> None:
    live, publisher, browser = listener(), Publisher(), Browser()
    live.sockets.add(browser.socket)
    await live.subscribed()
    await hears_something(browser, publisher)
    await asyncio.to_thread(publisher.close)
    await stop_listening()
