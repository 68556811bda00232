"""`GET /api/v1/nodes`: for staff who may watch, and for anyone with an API key."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from cameras.models import Assignment, CameraGroup, Node
from cameras.tokens import API_KEY, new_token, token_digest
from recognition.hub.live_state import NodeState, put_node_states
from recognition.intake.models import ApiKey
from recognition.node.connections import Redis
from tests.users import client_of

pytestmark = pytest.mark.django_db

SECRET = "hunter2-very-secret"


@pytest.fixture
def groups(hub: Redis) -> list[CameraGroup]:
    """Two, on one node."""
    node = Node.objects.create(name="node-1", address=f"redis://:{SECRET}@localhost:1")
    groups = [CameraGroup.objects.create(slug=slug, name=slug.title()) for slug in ("entrance", "vault")]
    for group in groups:
        Assignment.objects.create(group=group, node=node)
    figures = {"wait_p50_ms": 1.5, "load": 0.25, "memory_bytes": 1000, "versions": ["1 stub", "2 stub"]}
    put_node_states(hub, [NodeState(node.pk, node.name, "up", 2, 3, 0, ["fast.640.fp32"], **figures)])  # type: ignore[arg-type]
    return groups


def key(**fields: Any) -> str:
    token = new_token(API_KEY)
    ApiKey.objects.create(**{"name": "till", "scope": "read", "key_digest": token_digest(token), **fields})
    return token


def ask(client: Client, token: str = "") -> Any:
    return client.get("/api/v1/nodes", headers={"authorization": f"Bearer {token}"} if token else {})


def test_a_key_for_reading_reads_every_group(client: Client, groups: list[CameraGroup]) -> None:
    answer = ask(client, key())
    assert answer.status_code == 200
    assert [group["slug"] for group in answer.json()["groups"]] == ["entrance", "vault"]


def test_a_key_for_something_else_reads_nothing(client: Client, groups: list[CameraGroup]) -> None:
    assert ask(client, key(scope="identify")).status_code == 403


def test_staff_read_the_groups_they_may_see(groups: list[CameraGroup]) -> None:
    answer = ask(client_of("viewer", groups[0]))
    assert [group["slug"] for group in answer.json()["groups"]] == ["entrance"]


def test_a_node_is_told_with_its_figures(client: Client, groups: list[CameraGroup]) -> None:
    body = ask(client, key()).json()
    (node,) = body["nodes"]
    assert (node["state"], node["workers"], node["queued"], node["load"]) == ("up", 2, 3, 0.25)
    assert (node["wait_p50_ms"], node["took_p95_ms"], node["versions"]) == (1.5, None, ["1 stub", "2 stub"])
    assert (body["hub"], body["groups"][0]["spare"]["verdict"]) == ("up", "alone")
    assert body["monitor_silent_s"] < 60


def test_no_address_is_told(client: Client, groups: list[CameraGroup]) -> None:
    shown = ask(client, key()).content.decode()
    assert SECRET not in shown
    assert "redis:" not in shown


@pytest.mark.parametrize(("fields", "status"), [({"enabled": False}, 403), ({"key_digest": "0" * 64}, 401)])
def test_a_key_that_is_disabled_or_not_known_is_refused(
    client: Client, groups: list[CameraGroup], fields: dict[str, Any], status: int
) -> None:
    answer = ask(client, key(**fields))
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_a_bad_key_is_refused_whoever_is_signed_in(groups: list[CameraGroup]) -> None:
    assert ask(client_of("administrator"), "mvk_wrong").status_code == 401


def test_a_stranger_is_refused(client: Client, groups: list[CameraGroup]) -> None:
    assert ask(client).status_code == 401


def test_a_user_without_the_right_to_watch_is_refused(client: Client, groups: list[CameraGroup]) -> None:
    client.force_login(User.objects.create_user("roleless"))
    assert ask(client).status_code == 403


def test_it_answers_while_the_hub_is_down(client: Client, groups: list[CameraGroup], settings: Settings) -> None:
    settings.MALLVISION_HUB_URL = "unix:///nowhere.sock"
    body = ask(client, key()).json()
    assert (body["hub"], body["monitor_silent_s"]) == ("down", None)
    assert [node["state"] for node in body["nodes"]] == ["unknown"]
