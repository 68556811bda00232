"""What must be true of accepted snapshots whatever died: asked of the hub, the nodes and the database."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import nullcontext, suppress
from typing import TypeVar

import redis
from django.db.models import Count, Sum

from cameras.database import in_database_thread
from recognition.hub import keys as hub_keys
from recognition.hub.counts import accounts
from recognition.hub.sync import hub
from recognition.node import keys as node_keys
from recognition.node.address import is_cluster
from recognition.node.connections import Redis
from recognition.node.shards import places
from recognition.sightings.models import CameraTally, NodeTally, Outcome, Sighting
from tests.mall import PATIENCE_S, Mall, Web
from tests.photos import photo

T = TypeVar("T")


async def until(is_true: Callable[[], T], patience_s: float = PATIENCE_S) -> T:
    """What `is_true` returns once that is true; it may ask the database. Fails when that takes too long."""
    ask = in_database_thread(is_true)
    async with asyncio.timeout(patience_s):
        while not (found := await ask()):
            await asyncio.sleep(0.01)
    return found


async def sent(web: Web, count: int) -> list[str]:
    """The ids of so many new photos, all accepted."""
    answers = [await web.post(photo()) for _ in range(count)]
    assert {answer.status for answer in answers} <= {200, 202}
    return [answer.body["id"] for answer in answers]


def results_of(node: Redis) -> list[str]:
    """The snapshots that have a result in the node's stream."""
    return [fields[b"snapshot"].decode() for _, fields in node.xrange(node_keys.ONLY.results)]


async def each_ended_once(mall: Mall, snapshots: Collection[str]) -> None:
    """All that was accepted are `snapshots`; each has its one outcome, nothing is left and nothing counted twice."""
    await until(lambda: _recorded() >= len(snapshots) and left(mall) == 0)
    await in_database_thread(_add_up)(sorted(snapshots))


async def accounts_agree() -> None:
    """At every moment, this one among them."""
    assert await in_database_thread(_received_is_what_became_of_it)()


def _recorded() -> int:
    return Outcome.objects.count()


def left(mall: Mall) -> int:
    """Whatever still stands in the ledger or a stream, or is pending with a reader that is gone.

    Of a Cluster those masters are asked that answer: what a dead one has is the ledger's affair.
    """
    central = hub()
    waiting = _left_in(central, hub_keys.HITS, hub_keys.ENDINGS)
    for node in mall.nodes:
        for place in places(mall.redis_of(node)):
            with suppress(redis.ConnectionError) if is_cluster(node.address) else nullcontext():
                waiting += sum(_left_in(place.server, shard.jobs, shard.results) for shard in place.shards)
    entries = sum(1 for _ in central.scan_iter("ledger:entry:*"))
    return waiting + int(central.zcard(hub_keys.LEDGER_DUE)) + entries


def _left_in(server: Redis, *streams: str) -> int:
    return sum(int(server.xlen(stream)) + _pending(server, stream) for stream in streams)


def _pending(client: Redis, key: str) -> int:
    groups = client.xinfo_groups(key) if client.exists(key) else []
    return sum(int(group["pending"]) for group in groups)


def _add_up(snapshots: list[str]) -> None:
    assert sorted(Outcome.objects.values_list("snapshot", flat=True)) == snapshots
    states = dict(Outcome.objects.values_list("state").annotate(Count("pk")))
    tally = CameraTally.objects.aggregate(done=Sum("done"), failed=Sum("failed"), expired=Sum("expired"))
    assert {state: count for state, count in tally.items() if count} == states
    total = accounts(hub()).total
    assert (total.done, total.failed, total.expired) == tuple(
        tally[state] or 0 for state in ("done", "failed", "expired")
    )
    ways = dict(Outcome.objects.exclude(way="").values_list("way").annotate(Count("pk")))
    by_node = NodeTally.objects.aggregate(
        hit=Sum("hits"), join=Sum("joins"), miss=Sum("misses"), unchanged=Sum("unchanged")
    )
    assert {way: count for way, count in by_node.items() if count} == ways
    faces = sum(len(faces) for faces in Outcome.objects.values_list("faces", flat=True))
    assert (Sighting.objects.aggregate(frames=Sum("frames"))["frames"] or 0) == faces
    assert _received_is_what_became_of_it()


def _received_is_what_became_of_it() -> bool:
    found = accounts(hub())
    total = found.total
    return total.received == total.done + total.failed + total.expired + total.in_ledger and (
        total.in_ledger == found.held
    )
