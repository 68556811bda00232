"""Which nodes serve a camera group, and how its photos are spread over them."""

from typing import Any

import pytest

from cameras.models import Assignment, CameraGroup, Node
from recognition.hub.live_state import NodeState, put_node_states
from recognition.live.groups import group_messages
from recognition.live.messages import GroupMessage
from recognition.live.status import status
from recognition.node.connections import Redis

pytestmark = pytest.mark.django_db


@pytest.fixture
def group() -> CameraGroup:
    """On three nodes, of weights 1, 1 and 2."""
    group = CameraGroup.objects.create(slug="entrance", name="Entrance")
    for number in (1, 2, 3):
        node = Node.objects.create(name=f"node-{number}", address=f"redis://localhost:{number}")
        Assignment.objects.create(group=group, node=node, weight=2 if number == 3 else 1)
    return group


def report(hub: Redis, *changes: dict[str, Any]) -> None:
    """As if the monitor had found the nodes so, in order; up, with two half-busy workers, where nothing is said."""
    found = []
    for node, change in zip(Node.objects.all(), changes, strict=True):
        known = {"state": "up", "workers": 2, "load": 0.5, **change}
        found.append(NodeState(node=node.pk, name=node.name, queued=0, seen_at_ms=0, recipes=[], **known))
    put_node_states(hub, found)


def told(hub: Redis, group: CameraGroup) -> GroupMessage:
    return group_messages([group], status(hub)[0])[group.pk]


def shares(hub: Redis, group: CameraGroup) -> list[float | None]:
    return [node["share"] for node in told(hub, group)["nodes"]]


def test_photos_are_spread_by_weight(hub: Redis, group: CameraGroup) -> None:
    report(hub, {}, {}, {})
    assert shares(hub, group) == [0.25, 0.25, 0.5]


def test_a_nodes_own_weight_counts_too(hub: Redis, group: CameraGroup) -> None:
    Node.objects.filter(name="node-1").update(weight=2.0)
    report(hub, {}, {}, {})
    assert [node["weight"] for node in told(hub, group)["nodes"]] == [2.0, 1.0, 2.0]


@pytest.mark.parametrize("state", ["down", "cordoned", "disabled"])
def test_a_node_that_takes_no_photos_has_no_share(hub: Redis, group: CameraGroup, state: str) -> None:
    report(hub, {}, {}, {"state": state})
    assert shares(hub, group) == [0.5, 0.5, 0.0]


def test_a_node_without_workers_has_a_share_only_if_no_other_has_any(hub: Redis, group: CameraGroup) -> None:
    report(hub, {}, {}, {"workers": 0})
    assert shares(hub, group) == [0.5, 0.5, 0.0]
    report(hub, *[{"workers": 0}] * 3)
    assert shares(hub, group) == [0.25, 0.25, 0.5]


def test_a_cordoned_node_is_no_room_to_spare(hub: Redis, group: CameraGroup) -> None:
    report(hub, {}, {}, {})
    assert told(hub, group)["spare"] == {"verdict": "enough", "busiest": "node-1", "load": 0.75}
    report(hub, {}, {"load": 0.6}, {"state": "cordoned"})
    assert told(hub, group)["spare"] == {"verdict": "short", "busiest": "node-2", "load": 1.1}


def test_while_no_monitor_reports_nothing_is_known(hub: Redis, group: CameraGroup) -> None:
    assert shares(hub, group) == [None] * 3
    assert told(hub, group)["spare"]["verdict"] == "unknown"


def test_a_group_without_nodes_has_none_up(hub: Redis) -> None:
    group = CameraGroup.objects.create(slug="vault", name="Vault")
    assert told(hub, group)["spare"]["verdict"] == "none"
    assert told(hub, group)["nodes"] == []
