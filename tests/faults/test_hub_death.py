"""The hub killed with -9 and started again on its append-only file: whatever it had accepted has its one outcome."""

import asyncio

import pytest

from recognition.hub import keys as hub_keys
from recognition.monitor.monitor import Monitor
from recognition.node.connections import Redis
from recognition.sightings.models import Outcome
from tests.faults.account import accounts_agree, each_ended_once, left, results_of, sent, until
from tests.mall import Mall, Web, all_working, build_mall, in_thread, working
from tests.mortal_hub import MortalHub
from tests.photos import photo


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
    mortal_hub.kill()
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
        mortal_hub.kill()
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
