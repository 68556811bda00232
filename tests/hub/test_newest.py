"""Whose photo the wall shows: the newest by the time it was taken, whatever order snapshots end in."""

from recognition.hub import keys
from recognition.hub.ledger import NOTHING, Ledger
from recognition.hub.newest import NEWEST_TTL_S, NewestPhoto, newest_photo, newest_snapshots
from recognition.hub.settling import Settled, settle
from recognition.node.connections import Redis
from recognition.node.messages import SnapshotRef
from tests.hub.refs import CAMERA, snapshot


async def hit(ledger: Ledger, ref: SnapshotRef, photo: bytes = b"photo") -> None:
    await ledger.accept_hit(ref, photo, 3, b"answer", 1, NOTHING)


async def ended(ledger: Ledger, hub: Redis, ref: SnapshotRef, photo: bytes = b"photo") -> set[str]:
    await ledger.accept_miss(ref, photo, 3, 1, 5000, NOTHING)
    return settle(hub, [Settled(ref, "done")])


class TestSettling:
    async def test_it_leaves_the_ledger_and_is_shown(self, ledger: Ledger, hub: Redis) -> None:
        ref = snapshot(captured_at_ms=1000)
        assert await ended(ledger, hub, ref) == {ref.id}
        assert hub.zcard(keys.LEDGER_DUE) == hub.exists(keys.ledger_entry(ref.id)) == 0
        assert newest_photo(hub, CAMERA) == NewestPhoto(ref.id, 1000, b"photo")
        assert 0 < hub.ttl(keys.newest(CAMERA)) <= NEWEST_TTL_S

    async def test_one_that_was_taken_before_the_newest_is_cleared_and_not_shown(
        self, ledger: Ledger, hub: Redis
    ) -> None:
        newest, late = snapshot(captured_at_ms=2000), snapshot(captured_at_ms=1000)
        await ended(ledger, hub, newest)
        assert await ended(ledger, hub, late, b"late") == set()
        assert hub.zcard(keys.LEDGER_DUE) == hub.exists(keys.ledger_entry(late.id)) == 0
        assert newest_snapshots(hub, [CAMERA]) == {CAMERA: newest.id}

    async def test_twice_it_says_the_same(self, ledger: Ledger, hub: Redis) -> None:
        ref = snapshot()
        await ended(ledger, hub, ref)
        assert settle(hub, [Settled(ref, "done")]) == {ref.id}
        assert newest_photo(hub, CAMERA) == NewestPhoto(ref.id, 1000, b"photo")

    async def test_of_a_batch_the_last_taken_is_shown_in_the_end(self, ledger: Ledger, hub: Redis) -> None:
        refs = [snapshot(captured_at_ms=at) for at in (1000, 3000, 2000)]
        for ref in refs:
            await ledger.accept_miss(ref, b"photo", 3, 1, 5000, NOTHING)
        settle(hub, [Settled(ref, "done") for ref in refs])
        assert newest_snapshots(hub, [CAMERA]) == {CAMERA: refs[1].id}

    async def test_what_no_camera_sent_is_shown_nowhere(self, ledger: Ledger, hub: Redis) -> None:
        assert await ended(ledger, hub, snapshot(camera=0)) == set()
        assert newest_photo(hub, 0) is None

    async def test_what_the_ledger_does_not_hold_changes_nothing(self, hub: Redis) -> None:
        assert settle(hub, [Settled(snapshot(), "done")]) == set()
        assert newest_photo(hub, CAMERA) is None


class TestHits:
    async def test_a_hit_is_shown_at_once(self, ledger: Ledger, hub: Redis) -> None:
        ref = snapshot()
        await hit(ledger, ref)
        assert newest_photo(hub, CAMERA) == NewestPhoto(ref.id, 1000, b"photo")
        assert settle(hub, [Settled(ref, "done")]) == {ref.id}

    async def test_one_that_was_taken_before_the_newest_is_not_shown(self, ledger: Ledger, hub: Redis) -> None:
        newest, late = snapshot(captured_at_ms=2000), snapshot(captured_at_ms=1000)
        await hit(ledger, newest)
        await hit(ledger, late)
        assert newest_snapshots(hub, [CAMERA]) == {CAMERA: newest.id}
        assert settle(hub, [Settled(late, "done")]) == set()

    async def test_an_equal_photo_again_is_not_sent_again(self, ledger: Ledger, hub: Redis) -> None:
        first = snapshot(captured_at_ms=1000)
        again = snapshot(captured_at_ms=2000, digest=first.digest)
        await hit(ledger, first, b"the photo")
        await hit(ledger, again, b"never looked at")
        assert newest_photo(hub, CAMERA) == NewestPhoto(again.id, 2000, b"the photo")

    async def test_a_photo_that_the_hub_has_lost_is_sent_with_the_next_hit(self, ledger: Ledger, hub: Redis) -> None:
        first, second, third = (snapshot(captured_at_ms=at, digest="a" * 64) for at in (1000, 2000, 3000))
        await hit(ledger, first)
        hub.delete(keys.newest(CAMERA))
        await hit(ledger, second)
        assert newest_photo(hub, CAMERA) is None
        await hit(ledger, third)
        assert newest_photo(hub, CAMERA) == NewestPhoto(third.id, 3000, b"photo")
        assert hub.xlen(keys.HITS) == 3

    async def test_what_no_camera_sent_is_shown_nowhere(self, ledger: Ledger, hub: Redis) -> None:
        await hit(ledger, snapshot(camera=0))
        assert newest_photo(hub, 0) is None
