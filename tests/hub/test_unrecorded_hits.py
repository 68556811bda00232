"""Finding a snapshot in the hit stream by the moment that its id names."""

from recognition.hub import keys
from recognition.hub.ledger import MOST_HITS_LOOKED_AT, NOTHING, Ledger
from recognition.node.connections import Redis
from recognition.node.messages import SnapshotRef, Unreadable, encode
from tests.hub.refs import snapshot

ANSWER = encode(Unreadable("made so by a test"))


def stands_in_stream(hub: Redis, ref: SnapshotRef, later_ms: int) -> None:
    """As if accepted so much later than its id was made, by the hub's clock."""
    made_at_ms = int(ref.id, 16) >> 80
    hub.xadd(keys.HITS, {"ref": encode(ref), "node": 3, "ending": ANSWER}, id=f"{made_at_ms + later_ms}-0")


async def test_it_is_found_among_those_that_came_after(ledger: Ledger) -> None:
    ref = snapshot()
    for one in (ref, *(snapshot() for _ in range(MOST_HITS_LOOKED_AT))):
        await ledger.accept_hit(one, b"photo", 3, ANSWER, 1, NOTHING)
    found = await ledger.unrecorded_hit(ref.id)
    assert found is not None
    assert found.ref == ref


async def test_it_is_found_when_the_hubs_clock_is_behind(ledger: Ledger, hub: Redis) -> None:
    ref = snapshot()
    stands_in_stream(hub, ref, -1_000)
    assert await ledger.unrecorded_hit(ref.id) is not None


async def test_hits_of_another_time_are_not_looked_at(ledger: Ledger, hub: Redis) -> None:
    ref = snapshot()
    stands_in_stream(hub, ref, 60_000)
    assert await ledger.unrecorded_hit(ref.id) is None


async def test_garbage_beside_it_is_passed_over(ledger: Ledger, hub: Redis) -> None:
    ref = snapshot()
    hub.xadd(keys.HITS, {"ref": b"garbage", "node": "x"})
    hub.xadd(keys.HITS, {"nothing": "known"})
    assert await ledger.unrecorded_hit(ref.id) is None
    await ledger.accept_hit(ref, b"photo", 3, ANSWER, 1, NOTHING)
    assert await ledger.unrecorded_hit(ref.id) is not None


async def test_what_is_no_id_is_looked_for_nowhere(ledger: Ledger) -> None:
    for text in ("", "0123", "-" * 32, "g" * 32, "0" * 33, "_" * 32):
        assert await ledger.unrecorded_hit(text) is None
