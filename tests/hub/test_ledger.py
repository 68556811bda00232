"""The ledger's laws, on a real hub: what is accepted is counted once and stands there until it is settled."""

from collections.abc import Awaitable, Callable

import pytest

from recognition.hub import keys
from recognition.hub.ledger import NOTHING, Ledger, Remember, Repeated, StaleRegistry, Waiting
from recognition.hub.settling import Settled, settle
from recognition.node.connections import Redis
from recognition.node.messages import SnapshotRef, Unreadable, decode_ref, encode
from tests.hub.refs import CAMERA, snapshot

ANSWER = Unreadable("made so by a test")
ENCODED = encode(ANSWER)
REGISTRY = keys.epoch("registry")

Accept = Callable[[Ledger, SnapshotRef, int, Remember], Awaitable[None]]


async def hit(ledger: Ledger, ref: SnapshotRef, epoch: int = 1, remember: Remember = NOTHING) -> None:
    await ledger.accept_hit(ref, b"photo", 3, ENCODED, epoch, remember)


async def miss(ledger: Ledger, ref: SnapshotRef, epoch: int = 1, remember: Remember = NOTHING) -> None:
    await ledger.accept_miss(ref, b"photo", 3, epoch, 5000, remember)


either_way = pytest.mark.parametrize("accept", [hit, miss])


def received(hub: Redis) -> int:
    return int(hub.hget(keys.RECEIVED, CAMERA) or 0)


def accepted(hub: Redis) -> int:
    return int(hub.xlen(keys.HITS) + hub.zcard(keys.LEDGER_DUE))


def nodes_asked(hub: Redis, ref: SnapshotRef) -> bytes | None:
    nodes: bytes | None = hub.hget(keys.ledger_entry(ref.id), "nodes")
    return nodes


@either_way
async def test_what_is_accepted_is_counted(ledger: Ledger, hub: Redis, accept: Accept) -> None:
    await accept(ledger, snapshot(), 1, NOTHING)
    await accept(ledger, snapshot(), 1, NOTHING)
    assert (received(hub), accepted(hub)) == (2, 2)


async def test_a_miss_stands_in_the_ledger_with_its_photo(ledger: Ledger, hub: Redis) -> None:
    ref = snapshot()
    await miss(ledger, ref)
    entry = hub.hgetall(keys.ledger_entry(ref.id))
    assert (decode_ref(entry[b"ref"]), entry[b"photo"], entry[b"nodes"]) == (ref, b"photo", b"3")
    assert hub.zscore(keys.LEDGER_DUE, ref.id) == 5000
    assert hub.ttl(keys.ledger_entry(ref.id)) == hub.ttl(keys.LEDGER_DUE) == -1
    assert await ledger.waiting(ref.id) == Waiting(ref, 3)


async def test_a_hit_stands_in_the_hit_stream(ledger: Ledger, hub: Redis) -> None:
    ref = snapshot()
    await hit(ledger, ref)
    ((_, fields),) = hub.xrange(keys.HITS)
    assert (decode_ref(fields[b"ref"]), fields[b"node"], fields[b"ending"]) == (ref, b"3", ENCODED)
    assert await ledger.unrecorded_hit(ref.id) == Waiting(ref, 3, ANSWER)


class TestRegistryEpoch:
    @either_way
    async def test_who_knows_an_older_registry_accepts_nothing(
        self, ledger: Ledger, hub: Redis, accept: Accept
    ) -> None:
        hub.set(REGISTRY, 5)
        with pytest.raises(StaleRegistry) as stale:
            await accept(ledger, snapshot(), 4, Remember("key", b"reply"))
        assert stale.value.epoch == 5
        assert (received(hub), accepted(hub)) == (0, 0)
        assert not hub.exists(keys.remembered(CAMERA, "key"))

    @either_way
    @pytest.mark.parametrize("epoch", [5, 6])
    async def test_who_knows_the_same_or_a_newer_one_accepts(
        self, ledger: Ledger, hub: Redis, accept: Accept, epoch: int
    ) -> None:
        hub.set(REGISTRY, 5)
        await accept(ledger, snapshot(), epoch, NOTHING)
        assert (received(hub), accepted(hub)) == (1, 1)


class TestIdempotencyKey:
    @either_way
    @pytest.mark.parametrize("again", [hit, miss])
    async def test_known_it_accepts_nothing_and_repeats_the_reply(
        self, ledger: Ledger, hub: Redis, accept: Accept, again: Accept
    ) -> None:
        await accept(ledger, snapshot(), 1, Remember("key", b"first"))
        with pytest.raises(Repeated) as repeated:
            await again(ledger, snapshot(), 1, Remember("key", b"second"))
        assert repeated.value.reply == b"first"
        assert (received(hub), accepted(hub)) == (1, 1)

    async def test_it_is_forgotten_in_time(self, ledger: Ledger, hub: Redis) -> None:
        await miss(ledger, snapshot(), remember=Remember("key", b"first"))
        assert 0 < hub.ttl(keys.remembered(CAMERA, "key")) <= 600

    async def test_that_of_another_camera_is_another(self, ledger: Ledger, hub: Redis) -> None:
        await miss(ledger, snapshot(), remember=Remember("key", b"first"))
        await miss(ledger, snapshot(camera=8), remember=Remember("key", b"first"))
        assert accepted(hub) == 2


class TestTakeBack:
    async def test_nothing_of_the_acceptance_is_left(self, ledger: Ledger, hub: Redis) -> None:
        ref, remember = snapshot(), Remember("key", b"first")
        await miss(ledger, ref, remember=remember)
        await ledger.take_back(ref, remember)
        assert (received(hub), accepted(hub)) == (0, 0)
        assert not hub.exists(keys.ledger_entry(ref.id), keys.remembered(CAMERA, "key"))

    async def test_twice_it_is_counted_once(self, ledger: Ledger, hub: Redis) -> None:
        ref = snapshot()
        await miss(ledger, ref)
        await miss(ledger, snapshot())
        assert await ledger.take_back(ref, NOTHING)
        assert not await ledger.take_back(ref, NOTHING)
        assert (received(hub), accepted(hub)) == (1, 1)

    async def test_what_was_promised_to_a_repeat_meanwhile_stays_accepted(self, ledger: Ledger, hub: Redis) -> None:
        ref, remember = snapshot(), Remember("key", b"pending")
        await miss(ledger, ref, remember=remember)
        assert await ledger.promise(CAMERA, b"pending", Remember("key", b"promised"))
        assert not await ledger.take_back(ref, remember)
        assert (received(hub), accepted(hub)) == (1, 1)
        assert hub.get(keys.remembered(CAMERA, "key")) == b"promised"

    async def test_what_was_taken_back_is_promised_to_nobody(self, ledger: Ledger, hub: Redis) -> None:
        ref, remember = snapshot(), Remember("key", b"pending")
        await miss(ledger, ref, remember=remember)
        await ledger.take_back(ref, remember)
        assert not await ledger.promise(CAMERA, b"pending", Remember("key", b"promised"))
        assert not hub.exists(keys.remembered(CAMERA, "key"))

    async def test_what_has_ended_meanwhile_stays_counted(self, ledger: Ledger, hub: Redis) -> None:
        ref, remember = snapshot(), Remember("key", b"first")
        await miss(ledger, ref, remember=remember)
        settle(hub, [Settled(ref, "done")])
        assert not await ledger.take_back(ref, remember)
        assert received(hub) == 1
        assert hub.exists(keys.remembered(CAMERA, "key"))


class TestMove:
    async def test_each_node_that_is_asked_is_noted(self, ledger: Ledger, hub: Redis) -> None:
        ref = snapshot()
        await miss(ledger, ref)
        assert await ledger.move(ref.id, 4, 9000, refused=False)
        assert nodes_asked(hub, ref) == b"3,4"
        assert hub.zscore(keys.LEDGER_DUE, ref.id) == 9000
        assert await ledger.waiting(ref.id) == Waiting(ref, 4)

    async def test_a_node_that_has_refused_gives_its_place_to_the_next(self, ledger: Ledger, hub: Redis) -> None:
        ref = snapshot()
        await miss(ledger, ref)
        assert await ledger.move(ref.id, 14, 9000, refused=True)
        assert nodes_asked(hub, ref) == b"14"

    async def test_refused_by_the_only_node_it_is_nowhere_for_now(self, ledger: Ledger, hub: Redis) -> None:
        ref = snapshot()
        await miss(ledger, ref)
        assert await ledger.move(ref.id, None, 9000, refused=True)
        assert nodes_asked(hub, ref) == b""
        assert await ledger.waiting(ref.id) == Waiting(ref, None)

    async def test_what_has_ended_does_not_come_back(self, ledger: Ledger, hub: Redis) -> None:
        ref = snapshot()
        await miss(ledger, ref)
        settle(hub, [Settled(ref, "done")])
        assert not await ledger.move(ref.id, 4, 9000, refused=False)
        assert accepted(hub) == 0
        assert not hub.exists(keys.ledger_entry(ref.id))


class TestTurnIntoHit:
    async def test_it_goes_the_way_of_a_hit_and_is_counted_once(self, ledger: Ledger, hub: Redis) -> None:
        ref = snapshot()
        await miss(ledger, ref)
        await ledger.turn_into_hit(ref.id, 4, ENCODED)
        ((_, fields),) = hub.xrange(keys.HITS)
        assert (decode_ref(fields[b"ref"]), fields[b"node"], fields[b"way"]) == (ref, b"4", b"hit")
        assert received(hub) == 1

    async def test_its_photo_stays_until_it_is_recorded(self, ledger: Ledger, hub: Redis) -> None:
        ref = snapshot()
        await miss(ledger, ref)
        await ledger.turn_into_hit(ref.id, 4, ENCODED)
        assert hub.hget(keys.ledger_entry(ref.id), "photo") == b"photo"
        assert settle(hub, [Settled(ref, "done")]) == {ref.id}

    async def test_what_has_ended_is_no_hit_any_more(self, ledger: Ledger, hub: Redis) -> None:
        ref = snapshot()
        await miss(ledger, ref)
        settle(hub, [Settled(ref, "done")])
        await ledger.turn_into_hit(ref.id, 4, ENCODED)
        assert hub.xlen(keys.HITS) == 0


async def test_what_the_hub_does_not_know_waits_nowhere(ledger: Ledger) -> None:
    assert await ledger.waiting("0" * 32) is None
    assert await ledger.unrecorded_hit("0" * 32) is None
