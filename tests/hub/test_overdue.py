"""The ledger as the monitor reads it."""

import pytest

from recognition.hub import keys, overdue
from recognition.hub.ledger import NOTHING, Ledger
from recognition.hub.overdue import Entry, OverdueLedger
from recognition.hub.settling import Settled, settle
from recognition.node.connections import Redis
from recognition.node.messages import Expiry, SnapshotRef, decode_ending, decode_ref
from tests.hub.refs import snapshot

Overdue = tuple[SnapshotRef, SnapshotRef, SnapshotRef]


@pytest.fixture
def monitored(hub: Redis) -> OverdueLedger:
    return OverdueLedger(hub)


@pytest.fixture
async def three(ledger: Ledger) -> Overdue:
    """Due at 3000, 1000 and 2000, given to the nodes 1, 2 and 3."""
    found = snapshot(), snapshot(), snapshot()
    for ref, node, due_ms in zip(found, (1, 2, 3), (3000, 1000, 2000), strict=True):
        await ledger.accept_miss(ref, b"photo", node, 1, due_ms, NOTHING)
    return found


def due(monitored: OverdueLedger, now_ms: int) -> list[SnapshotRef]:
    return [entry.ref for entry in monitored.due(now_ms)]


def test_what_is_due_comes_with_the_longest_overdue_first(monitored: OverdueLedger, three: Overdue) -> None:
    assert due(monitored, 999) == []
    assert due(monitored, 2000) == [three[1], three[2]]


async def test_no_more_than_a_batch_is_looked_at_at_once(monitored: OverdueLedger, ledger: Ledger) -> None:
    for _ in range(overdue.MOST_AT_ONCE + 1):
        await ledger.accept_miss(snapshot(), b"photo", 1, 1, 1000, NOTHING)
    assert len(monitored.due(1000)) == overdue.MOST_AT_ONCE


def test_an_entry_names_the_nodes_that_were_asked_the_last_one_last(monitored: OverdueLedger, three: Overdue) -> None:
    assert monitored.move(three[1].id, 9, 1500, refused=False)
    assert monitored.due(1500) == [Entry(three[1], (2, 9))]


def test_hurried_is_what_was_last_given_to_a_lost_node(monitored: OverdueLedger, three: Overdue) -> None:
    monitored.move(three[2].id, 1, 9000, refused=False)
    monitored.move(three[0].id, 4, 9000, refused=False)
    assert monitored.hurry({1}, 500) == 1
    assert due(monitored, 500) == [three[2]]


def test_postponed_it_is_due_later(monitored: OverdueLedger, three: Overdue) -> None:
    monitored.postpone(three[1].id, 7000)
    assert due(monitored, 6999) == [three[2], three[0]]


def test_what_has_ended_is_neither_postponed_nor_moved_nor_hit(
    monitored: OverdueLedger, three: Overdue, hub: Redis
) -> None:
    settle(hub, [Settled(ref, "done") for ref in three])
    for ref in three:
        monitored.postpone(ref.id, 7000)
        assert not monitored.move(ref.id, 4, 7000, refused=False)
        monitored.turn_into_hit(ref.id, 4, b"answer")
        assert monitored.photo(ref.id) is None
    assert hub.zcard(keys.LEDGER_DUE) == hub.xlen(keys.HITS) == 0


def test_an_ending_is_said_and_the_snapshot_stays_until_it_is_recorded(
    monitored: OverdueLedger, three: Overdue, hub: Redis
) -> None:
    monitored.end(three[0], Expiry())
    ((_, fields),) = hub.xrange(keys.ENDINGS)
    assert (decode_ref(fields[b"ref"]), decode_ending(fields[b"ending"])) == (three[0], Expiry())
    assert monitored.photo(three[0].id) == b"photo"
