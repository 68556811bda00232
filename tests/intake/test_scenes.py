"""Which snapshots a node may answer with "unchanged": the job then names the scene to compare with."""

import time
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from pytest_django import Settings

from cameras.database import in_database_thread
from cameras.models import Camera, Node
from cameras.placement import Seat, ranked
from cameras.tokens import issue_camera_token
from recognition.hub import keys as hub_keys
from recognition.hub.scenes import Scene, put_scenes
from recognition.intake.submission import submit_by_hand
from recognition.node import keys
from recognition.node.admission import Limits
from recognition.node.connections import Redis
from recognition.node.messages import Job, SceneReference, decode_job
from tests.mall import Mall, Web
from tests.photos import photo
from tests.recognizers import RECIPE, scene

OF = "a" * 32
REFRESH_S = 10.0


def at(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()


@pytest.fixture
def seen_ms(mall: Mall, hub: Redis) -> int:
    """When the camera's scene was seen: just now."""
    now_ms = time.time_ns() // 1_000_000 - 100  # before whatever is sent now, by any clock
    put_scenes(hub, [Scene(mall.camera.pk, OF, now_ms, RECIPE, 0, scene("hall"))], REFRESH_S)
    return now_ms


def only_job(mall: Mall) -> Job:
    ((_, fields),) = [entry for node in mall.nodes for entry in mall.redis_of(node).xrange(keys.ONLY.jobs)]
    return decode_job(fields[b"job"])


async def test_a_fresh_scene_goes_with_the_job(mall: Mall, web: Web, seen_ms: int) -> None:
    await web.post(photo(), x_captured_at=at(seen_ms + 9_999))
    assert only_job(mall).scene == SceneReference(OF, seen_ms, scene("hall"))


async def test_the_ledger_knows_whose_scene_it_was(mall: Mall, web: Web, hub: Redis, seen_ms: int) -> None:
    answer = await web.post(photo(), x_captured_at=at(seen_ms + 1_000))
    assert hub.hget(hub_keys.ledger_entry(answer.body["id"]), "scene") == OF.encode()


@pytest.mark.parametrize("later_ms", [-1, 10_000])
async def test_one_that_is_too_old_or_newer_than_the_photo_does_not(
    mall: Mall, web: Web, seen_ms: int, later_ms: int
) -> None:
    await web.post(photo(), x_captured_at=at(seen_ms + later_ms))
    assert only_job(mall).scene is None


async def test_how_old_it_may_be_is_a_setting(mall: Mall, web: Web, settings: Settings, seen_ms: int) -> None:
    settings.MALLVISION_SCENE_REFRESH_S = 2.0
    await web.post(photo(), x_captured_at=at(seen_ms + 2_000))
    assert only_job(mall).scene is None


async def test_one_of_another_recipe_does_not(mall: Mall, web: Web, hub: Redis, seen_ms: int) -> None:
    hub.hset(hub_keys.scene(mall.camera.pk), "recipe", "reference.0.fp32")
    await web.post(photo(), x_captured_at=at(seen_ms + 1_000))
    assert only_job(mall).scene is None


async def test_another_cameras_does_not(mall: Mall, web: Web, seen_ms: int) -> None:
    other = await Camera.objects.acreate(slug="gate-2", name="Gate 2", group=mall.group)
    token = await in_database_thread(issue_camera_token)(other)
    await web.post(photo(), token=token, x_captured_at=at(seen_ms + 1_000))
    assert only_job(mall).scene is None


async def test_a_camera_whose_switch_is_off_is_always_looked_at(mall: Mall, web: Web, seen_ms: int) -> None:
    mall.camera.skips_unchanged = False
    await mall.camera.asave()
    await web.post(photo(), x_captured_at=at(seen_ms + 1_000))
    assert only_job(mall).scene is None


def test_a_photo_sent_by_hand_in_its_name_is_looked_at(mall: Mall, seen_ms: int) -> None:
    assert submit_by_hand(mall.camera.pk, photo(), timeout_s=0.0).status == 202
    assert only_job(mall).scene is None


async def test_the_next_node_is_told_the_scene_too(mall: Mall, web: Web, settings: Settings, seen_ms: int) -> None:
    settings.MALLVISION_QUEUE_LIMITS = Limits(1, 10**9)
    *full, last = mall.nodes
    for node in full:
        mall.redis_of(node).xadd(keys.ONLY.jobs, {"other": "job"})
    answer = await web.post(ranked_first_at(full[0], mall), x_captured_at=at(seen_ms + 1_000))
    assert answer.body["node"] == last.name
    ((_, fields),) = mall.redis_of(last).xrange(keys.ONLY.jobs)
    assert decode_job(fields[b"job"]).scene


def ranked_first_at(node: Node, mall: Mall) -> bytes:
    seats = [Seat.of(one.pk, 1.0) for one in mall.nodes]
    pictures = iter(photo, b"")
    return next(one for one in pictures if ranked(sha256(one).hexdigest(), seats)[0].node_id == node.pk)
