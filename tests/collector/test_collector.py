"""The collector on real streams: each accepted snapshot has one outcome, whatever comes and however often."""

import asyncio
import signal
import sys
import time
from dataclasses import replace
from datetime import datetime, tzinfo
from functools import partial

import pytest

from recognition.alerts.models import Alert, AlertRule
from recognition.collector import lease, recording
from recognition.collector.lease import CollectorLease, LeaseLost
from recognition.collector.models import Lease
from recognition.engine import Face
from recognition.hub import keys as hub_keys
from recognition.node import keys as node_keys
from recognition.node.connections import Redis
from recognition.node.messages import Expiry, encode
from recognition.people.models import Person, Template
from recognition.sightings.models import CameraTally, NodeTally, Outcome, Sighting
from tests.mall import Mall, Web, collecting, eventually, working
from tests.photos import photo
from tests.processes import product_environment
from tests.recognizers import SPACE, StubRecognizer, embedding_of, face

PATIENCE_S = 20.0


def work_off(mall: Mall, recognizer: StubRecognizer | None = None) -> None:
    """Every node's queue is worked off, and nobody collects."""
    for node in mall.nodes:
        with working(node, recognizer):
            eventually(partial(_has_no_job, mall.redis_of(node)))


def _has_no_job(node: Redis) -> bool:
    return bool(node.xlen(node_keys.ONLY.jobs) == 0)


def results_left(mall: Mall) -> int:
    return sum(mall.redis_of(node).xlen(node_keys.ONLY.results) for node in mall.nodes)


async def sent(web: Web, count: int) -> list[str]:
    return [(await web.post(photo())).body["id"] for _ in range(count)]


async def test_every_snapshot_has_one_outcome(mall: Mall, web: Web) -> None:
    ids = await sent(web, 10)
    work_off(mall)
    with collecting():
        eventually(lambda: results_left(mall) == 0)
    assert sorted([outcome.snapshot async for outcome in Outcome.objects.all()]) == sorted(ids)


async def test_received_is_done_and_failed_and_in_the_ledger(mall: Mall, web: Web, hub: Redis) -> None:
    bad = photo()
    await sent(web, 3)
    await web.post(bad)
    work_off(mall, StubRecognizer(faces_of=lambda picture: None if picture == bad else []))
    with collecting():
        eventually(lambda: results_left(mall) == 0)
    await sent(web, 2)
    tally = await CameraTally.objects.aget(camera=mall.camera)
    assert (tally.done, tally.failed, tally.expired, hub.zcard(hub_keys.LEDGER_DUE)) == (3, 1, 0, 2)
    assert int(hub.hget(hub_keys.RECEIVED, mall.camera.pk)) == 6


class AnHourAhead(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "AnHourAhead":
        return cls.fromtimestamp(time.time() + 3600, tz)


async def test_how_long_it_took_is_told_by_the_hubs_clock_alone(
    mall: Mall, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "datetime", AnHourAhead)
    await web.post(photo())
    work_off(mall)
    with collecting():
        eventually(lambda: results_left(mall) == 0)
    assert 0 < (await Outcome.objects.aget()).took_ms < 60_000


async def test_the_ledger_is_cleared_and_the_photo_is_the_cameras_newest(mall: Mall, web: Web, hub: Redis) -> None:
    picture = photo()
    snapshot = (await web.post(picture)).body["id"]
    work_off(mall)
    with collecting():
        eventually(lambda: not hub.exists(hub_keys.ledger_entry(snapshot)))
    assert hub.zcard(hub_keys.LEDGER_DUE) == 0
    assert hub.hmget(hub_keys.newest(mall.camera.pk), ["snapshot", "photo"]) == [snapshot.encode(), picture]


async def test_a_late_snapshot_does_not_replace_the_newest(mall: Mall, web: Web, hub: Redis) -> None:
    await web.post(photo())
    await web.post(photo(), x_captured_at="2026-01-31T09:30:00Z")
    newest = photo()
    await web.post(newest)
    work_off(mall)
    with collecting():
        eventually(lambda: hub.zcard(hub_keys.LEDGER_DUE) == 0)
    assert hub.hget(hub_keys.newest(mall.camera.pk), "photo") == newest


async def test_hits_joins_and_misses_are_counted_by_node(mall: Mall, web: Web, hub: Redis) -> None:
    picture = photo()
    node = (await web.post(picture)).body["node"]
    await web.post(picture)
    work_off(mall)
    with collecting():
        eventually(lambda: results_left(mall) == 0)
        await web.post(picture)
        eventually(lambda: hub.xlen(hub_keys.HITS) == 0)
    tally = await NodeTally.objects.aget(node__name=node)
    assert (tally.misses, tally.joins, tally.hits) == (1, 1, 1)


async def test_a_result_delivered_twice_changes_nothing(mall: Mall, web: Web) -> None:
    answer = await web.post(photo())
    node = next(one for one in mall.nodes if one.name == answer.body["node"])
    work_off(mall)
    client = mall.redis_of(node)
    (_, fields), *_ = client.xrange(node_keys.ONLY.results)
    client.xadd(node_keys.ONLY.results, fields)
    with collecting():
        eventually(lambda: results_left(mall) == 0)
    assert await Outcome.objects.acount() == await Sighting.objects.acount() == 1
    assert (await NodeTally.objects.aget()).misses == 1


@pytest.mark.parametrize("fields", [{"ending": b"\xc1"}, {"x": b"y"}, {"way": b"miss", "ending": b"\x91\x01"}])
async def test_garbage_in_a_result_stream_is_refused_and_counted(
    mall: Mall, web: Web, hub: Redis, fields: dict[str, bytes]
) -> None:
    mall.redis_of(mall.nodes[0]).xadd(node_keys.ONLY.results, fields)
    with collecting():
        eventually(lambda: results_left(mall) == 0)
    assert int(hub.hget(hub_keys.REFUSED, "not a message")) == 1


async def forged(mall: Mall, web: Web, from_another: bool = False, **changed: bytes) -> None:
    """A real result of a node, put back onto its stream, or another node's, with something changed."""
    answer = await web.post(photo())
    work_off(mall)
    asked = next(node for node in mall.nodes if node.name == answer.body["node"])
    other = next(node for node in mall.nodes if node != asked)
    ((entry_id, fields),) = mall.redis_of(asked).xrange(node_keys.ONLY.results)
    mall.redis_of(asked).xdel(node_keys.ONLY.results, entry_id)
    forgery = fields | {name.encode(): value for name, value in changed.items()}
    mall.redis_of(other if from_another else asked).xadd(node_keys.ONLY.results, forgery)
    with collecting():
        eventually(lambda: results_left(mall) == 0)
    assert await Outcome.objects.acount() == 0


async def test_a_result_for_an_unknown_snapshot_is_refused(mall: Mall, web: Web, hub: Redis) -> None:
    await forged(mall, web, snapshot=b"0" * 32)
    assert int(hub.hget(hub_keys.REFUSED, "unknown snapshot")) == 1


async def test_a_result_with_another_digest_is_refused(mall: Mall, web: Web, hub: Redis) -> None:
    await forged(mall, web, digest=b"0" * 64)
    assert int(hub.hget(hub_keys.REFUSED, "another digest")) == 1


async def test_a_result_from_a_node_that_was_not_asked_is_refused(mall: Mall, web: Web, hub: Redis) -> None:
    await forged(mall, web, from_another=True)
    assert int(hub.hget(hub_keys.REFUSED, "another node")) == 1


async def test_the_first_ending_wins(mall: Mall, web: Web, hub: Redis) -> None:
    snapshot = (await web.post(photo())).body["id"]
    ref = hub.hget(hub_keys.ledger_entry(snapshot), "ref")
    hub.xadd(hub_keys.ENDINGS, {"ref": ref, "ending": encode(Expiry())})
    with collecting():
        eventually(lambda: hub.xlen(hub_keys.ENDINGS) == 0)
        work_off(mall)
        eventually(lambda: results_left(mall) == 0)
    assert (await Outcome.objects.aget()).state == "expired"


async def test_what_was_taken_back_does_not_end(mall: Mall, web: Web, hub: Redis) -> None:
    snapshot = (await web.post(photo())).body["id"]
    entry = hub_keys.ledger_entry(snapshot)
    ref = hub.hget(entry, "ref")
    hub.delete(entry, hub_keys.LEDGER_DUE)
    hub.xadd(hub_keys.ENDINGS, {"ref": ref, "ending": encode(Expiry())})
    with collecting():
        eventually(lambda: hub.xlen(hub_keys.ENDINGS) == 0)
        eventually(lambda: hub.hget(hub_keys.REFUSED, "unknown snapshot") == b"1")
    assert not await Outcome.objects.aexists()


async def test_a_row_that_cannot_be_recorded_fails_alone(mall: Mall, web: Web) -> None:
    poison = photo()

    def faces(picture: bytes) -> list[Face]:
        found = face(picture)
        return [replace(found, embedding=found.embedding[:3]) if picture == poison else found]

    await sent(web, 3)
    snapshot = (await web.post(poison)).body["id"]
    await sent(web, 3)
    work_off(mall, StubRecognizer(faces_of=faces))
    with collecting():
        eventually(lambda: results_left(mall) == 0)
    states = {outcome.snapshot: outcome.state async for outcome in Outcome.objects.all()}
    assert states.pop(snapshot) == "failed"
    assert list(states.values()) == ["done"] * 6


def enrolled(picture: bytes) -> Person:
    person = Person.objects.create(name="Anna")
    embedding = embedding_of(picture).tobytes()
    Template.objects.create(person=person, embedding=embedding, space=SPACE, crop=b"", quality=1.0, digest="0" * 64)
    AlertRule.objects.create(name="anyone")
    return person


@pytest.fixture
def anna(mall: Mall) -> tuple[Person, bytes]:
    picture = photo()
    return enrolled(picture), picture


async def test_a_known_face_is_a_sighting_and_an_alert(mall: Mall, web: Web, anna: tuple[Person, bytes]) -> None:
    person, picture = anna
    await web.post(picture)
    work_off(mall)
    with collecting():
        eventually(lambda: results_left(mall) == 0)
    sighting = await Sighting.objects.aget()
    assert sighting.person_id == person.pk
    assert await Alert.objects.filter(sighting=sighting).acount() == 1
    assert (await Outcome.objects.aget()).faces[0]["person"] == person.pk


class OtherSpaceRecognizer(StubRecognizer):
    space = "other-space"


async def test_nobody_is_known_in_another_embedding_space(mall: Mall, web: Web, anna: tuple[Person, bytes]) -> None:
    _, picture = anna
    await web.post(picture)
    work_off(mall, OtherSpaceRecognizer())
    with collecting():
        eventually(lambda: results_left(mall) == 0)
    sighting = await Sighting.objects.aget()
    assert (sighting.person_id, sighting.space) == (None, "other-space")


async def test_killed_between_commit_and_acknowledge_nothing_doubles(
    mall: Mall, web: Web, hub: Redis, anna: tuple[Person, bytes]
) -> None:
    _, picture = anna
    await web.post(picture)
    work_off(mall)
    dying = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.collector.dying", env=product_environment()
    )
    assert await asyncio.wait_for(dying.wait(), 60) == -signal.SIGKILL
    assert await Outcome.objects.acount() == 1
    assert results_left(mall) == 1
    with collecting():
        eventually(lambda: results_left(mall) == 0, PATIENCE_S)
        eventually(lambda: hub.zcard(hub_keys.LEDGER_DUE) == 0)
    assert await Outcome.objects.acount() == 1
    assert await Sighting.objects.acount() == 1
    assert await Alert.objects.acount() == 1
    assert (await CameraTally.objects.aget()).done == 1


@pytest.mark.django_db(transaction=True)
class TestLease:
    def test_one_holds_it(self) -> None:
        first, second = CollectorLease(), CollectorLease()
        assert first.acquire()
        assert not second.acquire()

    def test_released_it_is_free(self) -> None:
        first, second = CollectorLease(), CollectorLease()
        first.acquire()
        first.release()
        assert second.acquire()

    def test_who_was_overtaken_may_not_record(self) -> None:
        first, second = CollectorLease(), CollectorLease()
        first.acquire()
        first.release()
        assert second.acquire()
        with pytest.raises(LeaseLost):
            first.check()

    def test_not_renewed_for_a_while_it_is_free(self, monkeypatch: pytest.MonkeyPatch) -> None:
        first, second = CollectorLease(), CollectorLease()
        first.acquire()
        monkeypatch.setattr(lease, "HELD_FOR_S", 0.2)
        assert not second.acquire()
        eventually(second.acquire)
        with pytest.raises(LeaseLost):
            first.renew()

    def test_renewed_it_stays_with_its_holder(self, monkeypatch: pytest.MonkeyPatch) -> None:
        first, second = CollectorLease(), CollectorLease()
        first.acquire()
        monkeypatch.setattr(lease, "HELD_FOR_S", 0.2)
        ends_at = time.monotonic() + 0.4
        while time.monotonic() < ends_at:
            first.renew()
            assert not second.acquire()

    def test_the_fence_grows_with_each_holder(self) -> None:
        for _ in range(3):
            one = CollectorLease()
            one.acquire()
            one.release()
        assert Lease.objects.get().fence == 3
