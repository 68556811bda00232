"""/readyz: whether a load balancer should send snapshots here."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from cameras.models import Node
from mallvision import health, readiness
from mallvision.readiness import ReadinessProbe
from recognition.hub import keys
from recognition.hub.live_state import NodeState, State, put_node_states
from recognition.node.connections import Redis

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def probe(monkeypatch: pytest.MonkeyPatch) -> ReadinessProbe:
    """One that has not been asked before."""
    probe = ReadinessProbe()
    monkeypatch.setattr(health, "probe", probe)
    return probe


@pytest.fixture
def node(hub: Redis) -> Node:
    node = Node.objects.create(name="node-1", address="redis://:secret@node-1.example:1/0")
    said_to_be(hub, node, "up")
    return node


def said_to_be(hub: Redis, node: Node, state: State) -> None:
    put_node_states(hub, [NodeState(node.pk, node.name, state, 1, 0, 0, [])])


def asked(client: Client) -> tuple[int, dict[str, Any]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


def test_all_is_well(client: Client, node: Node) -> None:
    well = {"hub": "ok", "database": "ok", "nodes": "ok", "monitor": "ok", "collector": "ok"}
    assert asked(client) == (200, well)


def test_a_degraded_node_is_enough(client: Client, node: Node, hub: Redis) -> None:
    said_to_be(hub, node, "degraded")
    assert asked(client)[0] == 200


def test_without_a_node_that_answers_it_is_not_ready(client: Client, node: Node, hub: Redis) -> None:
    said_to_be(hub, node, "down")
    status, checks = asked(client)
    assert (status, checks["nodes"], checks["hub"]) == (503, "fails", "ok")


@pytest.mark.parametrize("taken_out", [{"cordoned": True}, {"enabled": False}])
def test_a_node_that_takes_no_photos_is_none(client: Client, node: Node, taken_out: dict[str, bool]) -> None:
    Node.objects.update(**taken_out)
    assert asked(client)[0] == 503


def test_nodes_are_taken_to_answer_while_no_monitor_reports(client: Client, node: Node, hub: Redis) -> None:
    hub.delete(keys.NODE_STATES)
    status, checks = asked(client)
    assert (status, checks["nodes"], checks["monitor"]) == (200, "ok", "silent")


def test_a_late_collector_is_told_and_nothing_is_refused_for_it(client: Client, node: Node, hub: Redis) -> None:
    hub.xadd(keys.HITS, {"ref": b""}, id=f"{(hub.time()[0] - 20) * 1000}-0")
    status, checks = asked(client)
    assert (status, checks["collector"]) == (200, "late")


def test_without_a_hub_it_is_not_ready(client: Client, node: Node, settings: Settings) -> None:
    settings.MALLVISION_HUB_URL = "redis://:secret@127.0.0.1:1/0"
    status, checks = asked(client)
    assert (status, checks["hub"], checks["database"]) == (503, "fails", "ok")


def test_without_a_database_it_is_not_ready(client: Client, node: Node) -> None:
    with connection.cursor() as cursor:  # the test's transaction brings it back
        cursor.execute("ALTER TABLE cameras_node RENAME TO cameras_node_gone")
    status, checks = asked(client)
    assert (status, checks["hub"], checks["database"], checks["nodes"]) == (503, "ok", "fails", "fails")


def test_it_says_one_word_each_and_nothing_of_addresses(client: Client, node: Node, settings: Settings) -> None:
    settings.MALLVISION_HUB_URL = "redis://:secret@127.0.0.1:1/0"
    _, checks = asked(client)
    assert set(checks.values()) <= {"ok", "fails", "silent", "late"}


def test_it_is_never_cached(client: Client, node: Node) -> None:
    assert "no-store" in client.get("/readyz").headers["Cache-Control"]


def test_asking_often_asks_nothing_more_of_database_and_hub(
    client: Client,
    node: Node,
    hub: Redis,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr(readiness, "REMEMBERED_S", 3600.0)
    asked(client)
    commands = hub.info("stats")["total_commands_processed"]
    with django_assert_num_queries(0):
        assert asked(client)[0] == 200
    assert hub.info("stats")["total_commands_processed"] == commands + 1  # asking for that


def test_it_is_found_out_anew_after_a_moment(
    client: Client, node: Node, hub: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "REMEMBERED_S", 0.0)
    asked(client)
    said_to_be(hub, node, "down")
    assert asked(client)[0] == 503


def test_whoever_cannot_wait_for_a_look_that_hangs_is_told_it_is_not_ready(
    client: Client, node: Node, probe: ReadinessProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "PATIENCE_S", 0.01)
    with probe._lock:
        assert asked(client)[0] == 503
