"""`GET /api/v1/stats`: the counts, who may read them, and what they say of the hub."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from cameras.models import Camera, CameraGroup
from cameras.roles import VIEWER
from cameras.tokens import API_KEY, new_token, token_digest
from recognition.hub import keys
from recognition.intake.models import ApiKey
from recognition.node.connections import Redis
from tests.mall import Mall, Web, all_working, eventually
from tests.photos import photo
from tests.users import client_of

READ = ApiKey.KeyScope.READ


def made_key(scope: str = READ, enabled: bool = True) -> str:
    token = new_token(API_KEY)
    ApiKey.objects.create(name=scope, scope=scope, key_digest=token_digest(token), enabled=enabled)
    return token


def asked(token: str) -> Any:
    return Client().get("/api/v1/stats", headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def gate(db: None, hub: Redis) -> Camera:
    group = CameraGroup.objects.create(slug="entrance", name="Entrance")
    camera = Camera.objects.create(slug="gate-1", name="Gate 1", group=group)
    for key, field, count in (
        (keys.RECEIVED, camera.pk, 9),
        (keys.ENDED, f"{camera.pk}:done", 4),
        (keys.ENDED, f"{camera.pk}:expired", 2),
        (keys.IN_LEDGER, camera.pk, 3),
    ):
        hub.hset(key, field, count)
    return camera


def test_counts_are_told_in_total_and_by_camera(gate: Camera) -> None:
    told = asked(made_key()).json()
    counts = {"received": 9, "done": 4, "failed": 0, "expired": 2, "in_ledger": 3}
    assert told["total"] == counts
    assert told["cameras"] == [{"camera": "gate-1", **counts}]


def test_refused_results_and_the_hubs_durability_are_told(gate: Camera, hub: Redis, settings: Settings) -> None:
    hub.hset(keys.REFUSED, "another digest", 2)
    told = asked(made_key()).json()
    assert told["refused"] == {"another digest": 2}
    assert (told["hub"]["durability"], told["hub"]["keeps_file"], told["hub"]["replicas"]) == ("everysec", False, 0)


@pytest.mark.parametrize(("scope", "enabled"), [("identify", True), (READ, False)])
def test_a_key_that_is_meant_for_something_else_is_refused(gate: Camera, scope: str, enabled: bool) -> None:
    assert asked(made_key(scope, enabled)).status_code == 403


def test_an_unknown_key_is_refused(gate: Camera) -> None:
    assert asked("mvk_none").status_code == 401


def test_a_stranger_is_told_nothing(gate: Camera) -> None:
    assert Client().get("/api/v1/stats").status_code == 401


def test_staff_see_the_cameras_of_their_groups_alone(gate: Camera) -> None:
    assert client_of(VIEWER).get("/api/v1/stats").json()["cameras"] == []
    seen = client_of(VIEWER, gate.group).get("/api/v1/stats").json()["cameras"]
    assert [one["camera"] for one in seen] == ["gate-1"]


def test_while_the_hub_is_silent_that_is_said(gate: Camera, settings: Settings) -> None:
    settings.MALLVISION_HUB_URL = "redis://127.0.0.1:1"
    answer = asked(made_key())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


async def test_it_adds_up_to_what_was_sent(mall: Mall, web: Web, hub: Redis) -> None:
    picture = photo()
    for one in (picture, photo(), picture):
        await web.post(one)
    with all_working(mall):
        eventually(lambda: int(hub.hget(keys.IN_LEDGER, mall.camera.pk)) == 0)
    assert int(hub.hget(keys.ENDED, f"{mall.camera.pk}:done")) == 3
