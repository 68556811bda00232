"""A hub and a node that are reached over TLS."""

from pathlib import Path

import pytest
from channels.layers import channel_layers
from pytest_django import Settings

from benchmarks.forms.member import Member
from mallvision.channel_hosts import channel_hosts
from recognition.people.gallery import live_gallery
from tests.faults.account import each_ended_once
from tests.mall import Mall, Web, all_working, build_mall
from tests.photos import photo
from tests.tls import Tls, tls_url


@pytest.fixture
def mall(transactional_db: None, tls: Tls, tls_server: Member, settings: Settings, tmp_path: Path) -> Mall:
    """One server is both, in one database each."""
    hub, node = (tls_url(f"{tls_server.url.partition('?')[0]}/{db}", tls.trusting) for db in (0, 1))
    layer = settings.CHANNEL_LAYERS["default"]
    settings.MALLVISION_HUB_URL = hub
    settings.CHANNEL_LAYERS = {"default": {**layer, "CONFIG": {**layer["CONFIG"], "hosts": channel_hosts(hub)}}}
    channel_layers.backends.clear()
    live_gallery.cache_clear()
    return build_mall([node])


async def test_a_photo_goes_its_whole_way(mall: Mall, web: Web) -> None:
    with all_working(mall):
        answer = await web.post(photo(), "wait=10")
        assert answer.status == 200
        await each_ended_once(mall, [answer.body["id"]])
