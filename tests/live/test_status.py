"""The totals on top of the wall."""

import pytest

from cameras.models import Node
from recognition.hub import keys
from recognition.hub.live_state import NodeState, put_node_states
from recognition.live.status import status
from recognition.node.connections import Redis, connect
from recognition.sightings.models import NodeTally
from recognition.sightings.tallies import add_to_tallies
from tests.faces import camera, outcome


@pytest.fixture
def dead_hub() -> Redis:
    return connect("redis://127.0.0.1:1", 0.2)


@pytest.mark.django_db
def test_unchanged_scenes_are_counted_apart_and_are_no_hits(hub: Redis) -> None:
    node = Node.objects.create(name="node-1", address="redis://localhost:1")
    NodeTally.objects.create(node=node, hits=1, joins=1, misses=2, unchanged=4)
    (told,), totals = status(hub)
    assert (told["hits"], told["joins"], told["misses"], told["unchanged"]) == (1, 1, 2, 4)
    assert told["hit_rate"] == totals["hit_rate"] == 0.125


@pytest.mark.django_db
def test_what_a_deleted_camera_sent_stays_received(hub: Redis) -> None:
    gate, door = camera(), camera("gate-2")
    for at in (gate, door):
        hub.hincrby(keys.RECEIVED, str(at.pk), 1)
        hub.hincrby(keys.ENDED, f"{at.pk}:done", 1)
    door.delete()
    _, totals = status(hub)
    assert (totals["received"], totals["done"]) == (2, 2)


@pytest.mark.django_db
def test_while_the_hub_is_down_the_database_says_what_has_ended(dead_hub: Redis) -> None:
    add_to_tallies([outcome(camera(), "a")])
    _, totals = status(dead_hub)
    assert (totals["hub"], totals["done"]) == ("down", 1)


@pytest.mark.django_db
def test_while_no_monitor_reports_a_nodes_state_is_unknown(hub: Redis) -> None:
    Node.objects.create(name="node-1", address="redis://localhost:1")
    (told,), totals = status(hub)
    assert (told["state"], told["workers"], told["load"]) == ("unknown", None, None)
    assert totals["monitor_silent_s"] is None


@pytest.mark.django_db
def test_a_cordon_shows_before_the_monitor_has_looked_again(hub: Redis) -> None:
    node = Node.objects.create(name="node-1", address="redis://localhost:1", cordoned=True)
    put_node_states(hub, [NodeState(node.pk, node.name, "up", 1, 0, 0, [])])
    (told,), _ = status(hub)
    assert (told["state"], told["cordoned"]) == ("cordoned", True)


@pytest.mark.django_db
def test_a_cordoned_node_that_is_down_is_down(hub: Redis) -> None:
    node = Node.objects.create(name="node-1", address="redis://localhost:1", cordoned=True)
    put_node_states(hub, [NodeState(node.pk, node.name, "down", 0, 0, 0, [])])
    (told,), _ = status(hub)
    assert told["state"] == "down"
