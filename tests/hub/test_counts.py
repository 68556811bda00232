"""Every snapshot is counted in exactly one place at every moment, whatever is done to it and however often."""

import random

import pytest

from recognition.hub import keys
from recognition.hub.counts import Counts, accounts
from recognition.hub.ledger import NOTHING, Ledger
from recognition.hub.settling import Settled, settle
from recognition.node.connections import Redis
from recognition.node.messages import SnapshotRef, decode_ref
from tests.hub.refs import CAMERA, snapshot

STATES = ("done", "failed", "expired")


def adds_up(hub: Redis) -> bool:
    found = accounts(hub)
    each = all(
        counts.received == counts.done + counts.failed + counts.expired + counts.in_ledger
        for counts in found.by_camera.values()
    )
    return each and found.total.in_ledger == found.held


def hits(hub: Redis, state: str) -> list[Settled]:
    return [Settled(decode_ref(fields[b"ref"]), state, entry_id.decode()) for entry_id, fields in hub.xrange(keys.HITS)]


async def done_to(  # noqa: C901 (a table)
    ledger: Ledger, hub: Redis, refs: list[SnapshotRef], chance: random.Random
) -> None:
    """One thing of those that web, monitor and collector do, to one of `refs` or to a new one."""
    ref = chance.choice(refs)
    match chance.choice(["miss", "hit", "move", "refused", "take back", "into hit", "settle", "settle hit"]):
        case "miss":
            refs.append(snapshot(camera=chance.choice([0, CAMERA, CAMERA + 1])))
            await ledger.accept_miss(refs[-1], b"photo", 3, 1, 5000, NOTHING)
        case "hit":
            refs.append(snapshot())
            await ledger.accept_hit(refs[-1], b"photo", 3, b"answer", 1, NOTHING)
        case "move":
            await ledger.move(ref.id, 4, 9000, refused=False)
        case "refused":
            await ledger.move(ref.id, None, 9000, refused=True)
        case "take back":
            await ledger.take_back(ref, NOTHING)
        case "into hit":
            await ledger.turn_into_hit(ref.id, 4, b"answer")
        case "settle":
            settle(hub, [Settled(ref, chance.choice(STATES))])
        case "settle hit":
            settle(hub, hits(hub, chance.choice(STATES))[:2])


@pytest.mark.parametrize("seed", range(6))
async def test_received_is_what_ended_and_what_is_held_after_every_step(ledger: Ledger, hub: Redis, seed: int) -> None:
    refs = [snapshot()]
    for _ in range(150):
        await done_to(ledger, hub, refs, random.Random(f"{seed} {_}"))
        assert adds_up(hub)
    assert accounts(hub).total.received > 10


async def test_counts_are_the_cameras_own(ledger: Ledger, hub: Redis) -> None:
    ours, others = snapshot(), snapshot(camera=CAMERA + 1)
    for ref in (ours, others):
        await ledger.accept_miss(ref, b"photo", 3, 1, 5000, NOTHING)
    settle(hub, [Settled(ours, "expired")])
    by_camera = accounts(hub).by_camera
    assert by_camera == {CAMERA: Counts(received=1, expired=1), CAMERA + 1: Counts(received=1, in_ledger=1)}


async def test_settled_twice_it_is_counted_once(ledger: Ledger, hub: Redis) -> None:
    ref = snapshot()
    await ledger.accept_miss(ref, b"photo", 3, 1, 5000, NOTHING)
    settle(hub, [Settled(ref, "done"), Settled(ref, "done")])
    settle(hub, [Settled(ref, "done")])
    assert accounts(hub).total == Counts(received=1, done=1)


async def test_turned_into_a_hit_twice_it_stands_in_the_hit_stream_once(ledger: Ledger, hub: Redis) -> None:
    ref = snapshot()
    await ledger.accept_miss(ref, b"photo", 3, 1, 5000, NOTHING)
    for _ in range(2):
        await ledger.turn_into_hit(ref.id, 4, b"answer")
    await ledger.move(ref.id, 5, 9000, refused=False)
    assert (hub.xlen(keys.HITS), hub.zcard(keys.LEDGER_DUE)) == (1, 0)


async def test_refused_results_are_told_by_reason(hub: Redis) -> None:
    hub.hincrby(keys.REFUSED, "another digest", 2)
    assert accounts(hub).refused == {"another digest": 2}
