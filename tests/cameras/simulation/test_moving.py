import pytest

from cameras.placement import Seat
from cameras.simulation.moving import Change, Moved
from cameras.simulation.placements import Modulo, Rendezvous

SEATS = [Seat.of(node_id, 1.0) for node_id in range(1, 21)]


def test_rendezvous_moves_a_nodes_own_share_and_no_more() -> None:
    change = Change(SEATS, seed=0)
    assert change.ideal() == Moved(1 / 20, 1 / 21)
    moved = change.moved(Rendezvous)
    assert [moved.leaving, moved.joining] == pytest.approx([1 / 20, 1 / 21], rel=0.02)


def test_modulo_moves_nearly_all() -> None:
    moved = Change(SEATS, seed=0).moved(Modulo)
    assert [moved.leaving, moved.joining] == pytest.approx([19 / 20, 20 / 21], rel=0.01)


def test_a_node_of_twice_the_weight_moves_twice_as_much() -> None:
    seats = [Seat.of(node_id, 2.0 if node_id == 11 else 1.0) for node_id in range(1, 21)]
    change = Change(seats, seed=0)
    assert change.ideal() == Moved(2 / 21, 2 / 23)
    assert change.moved(Rendezvous).leaving == pytest.approx(2 / 21, rel=0.02)


def test_nothing_is_said_of_the_only_node_leaving() -> None:
    change = Change(SEATS[:1], seed=0)
    assert change.ideal() == Moved(None, 0.5)
    assert change.moved(Rendezvous).leaving is None
