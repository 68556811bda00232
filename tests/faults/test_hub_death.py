"""The hub killed with -9 and started again on its append-only file: whatever it had accepted has its one outcome."""

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

import pytest
from channels.layers import channel_layers
from pytest_django import Settings

from recognition.hub import keys as hub_keys
from recognition.monitor.monitor import Monitor
from recognition.node.connections import Redis, connect
from recognition.people.gallery import live_gallery
from recognition.sightings.models import Outcome
from tests.environment import FOLDER
from tests.faults.account import accounts_agree, each_ended_once, left, results_of, sent, until
from tests.mall import Mall, Web, all_working, build_mall, in_thread, working
from tests.photos import photo
from tests.processes import kill
from tests.servers import start_server


@dataclass(slots=True)
class MortalHub:
    """A hub that writes each command to disk before it answers."""

    folder: Path
    server: "Popen[bytes]" = field(init=False)

    @property
    def url(self) -> str:
        return f"unix://{self.folder / 'hub.sock'}"

    @property
    def redis(self) -> Redis:
        return connect(self.url)

    def start(self) -> None:
        self.server = start_server(self.folder / "hub.sock", "--appendonly", "yes", "--appendfsync", "always")


@pytest.fixture
def mortal_hub(hub_url: str, settings: Settings) -> Iterator[MortalHub]:
    hub = MortalHub(Path(tempfile.mkdtemp(dir=FOLDER)))
    hub.start()
    layer = settings.CHANNEL_LAYERS["default"]
    hosts = [{"address": hub.url, "socket_timeout": None}]
    settings.MALLVISION_HUB_URL = hub.url
    settings.CHANNEL_LAYERS = {"default": {**layer, "CONFIG": {**layer["CONFIG"], "hosts": hosts}}}
    yield hub
    kill(hub.server)
    channel_layers.backends.clear()
    live_gallery.cache_clear()


@pytest.fixture
def mall(transactional_db: None, mortal_hub: MortalHub, node_urls: list[str]) -> Mall:
    return build_mall(node_urls)


async def test_snapshots_in_the_ledger_and_in_the_hit_stream_outlive_it(
    mall: Mall, web: Web, mortal_hub: MortalHub
) -> None:
    picture = photo()
    first = (await web.post(picture)).body
    node = next(one for one in mall.nodes if one.name == first["node"])
    with working(node):
        await until(lambda: results_of(mall.redis_of(node)))
    hit = await web.post(picture)
    assert hit.status == 200
    ids = [first["id"], hit.body["id"], *await sent(web, 5)]
    kill(mortal_hub.server)
    assert (await web.post(photo())).status == 503
    mortal_hub.start()
    await accounts_agree()
    ids += await sent(web, 2)
    with all_working(mall):
        await each_ended_once(mall, ids)


async def test_everyone_goes_on_when_it_comes_back(mall: Mall, web: Web, mortal_hub: MortalHub) -> None:
    monitor = Monitor()
    with all_working(mall), in_thread(monitor.run, monitor.stop):
        told = await sent(web, 10)
        sending = asyncio.gather(*(web.post(photo()) for _ in range(40)))
        while int(mortal_hub.redis.hget(hub_keys.RECEIVED, mall.camera.pk)) < 15:
            await asyncio.sleep(0)
        kill(mortal_hub.server)
        told += [answer.body["id"] for answer in await sending if answer.status in (200, 202)]
        mortal_hub.start()
        told += await sent(web, 10)
        hurry(mortal_hub.redis)
        await until(lambda: left(mall) == 0)
    recorded = [outcome.snapshot async for outcome in Outcome.objects.all()]
    assert set(told) <= set(recorded)
    await each_ended_once(mall, recorded)


def hurry(hub: Redis) -> None:
    """Some may have been accepted and never offered to a node: the monitor looks after them now, not in 5 s."""
    for snapshot in hub.zrange(hub_keys.LEDGER_DUE, 0, -1):
        hub.zadd(hub_keys.LEDGER_DUE, {snapshot: 1}, xx=True)
