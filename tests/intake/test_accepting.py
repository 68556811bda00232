"""From a camera's upload to the reply it gets."""

import asyncio
import hashlib

import pytest
from pytest_django import Settings

from recognition.hub import keys
from recognition.node.admission import Limits
from recognition.node.connections import Redis
from recognition.node.messages import decode_ref
from recognition.sightings.models import Outcome
from tests.mall import Mall, Web, all_working
from tests.photos import photo
from tests.recognizers import StubRecognizer


async def test_a_new_photo_is_queued(web: Web) -> None:
    picture = photo()
    answer = await web.post(picture)
    assert answer.status == 202
    assert answer.body["state"] == "queued"
    assert answer.body["digest"] == hashlib.sha256(picture).hexdigest()
    assert answer.body["node"] in {"node-1", "node-2", "node-3"}
    assert len(answer.body["id"]) == 32


async def test_who_waits_is_told_the_faces(mall: Mall, web: Web) -> None:
    with all_working(mall):
        answer = await web.post(photo(), "wait=10")
    assert answer.status == 200
    assert answer.body["state"] == "done"
    assert answer.body["cached"] is False
    assert answer.body["faces"] == [{"box": [10, 8, 20, 20], "score": 0.95, "quality": 0.9, "person": None}]


async def test_the_same_photo_is_answered_from_the_cache(mall: Mall, web: Web) -> None:
    picture = photo()
    with all_working(mall):
        first = await web.post(picture, "wait=10")
        second = await web.post(picture)
    assert second.status == 200
    assert second.body["cached"] is True
    assert second.body["faces"] == first.body["faces"]
    assert second.body["node"] == first.body["node"]
    assert second.body["id"] != first.body["id"]


async def test_equal_photos_at_once_are_recognised_once_and_have_an_outcome_each(mall: Mall, web: Web) -> None:
    picture = photo()
    ids = [(await web.post(picture)).body["id"] for _ in range(3)]
    recognizer = StubRecognizer()
    with all_working(mall, recognizer):
        await _recorded(ids)
    assert recognizer.recognised == [picture]
    assert sorted([outcome.way async for outcome in Outcome.objects.all()]) == ["join", "join", "miss"]


async def test_an_unreadable_photo_is_422_for_who_waits(mall: Mall, web: Web) -> None:
    recognizer = StubRecognizer(faces_of=lambda _: None)
    picture = photo()
    with all_working(mall, recognizer):
        first = await web.post(picture, "wait=10")
        again = await web.post(picture)
    assert first.status == again.status == 422
    assert first.body == again.body == {"detail": "The picture cannot be read: made so by a test"}


async def test_who_waits_longer_than_it_takes_is_told_it_is_still_in_work(web: Web) -> None:
    answer = await web.post(photo(), "wait=0.1")
    assert answer.status == 202


async def test_full_queues_are_503_and_nothing_is_kept(mall: Mall, web: Web, hub: Redis, settings: Settings) -> None:
    settings.MALLVISION_QUEUE_LIMITS = Limits(1, 10**9)
    statuses = [(await web.post(photo())).status for _ in range(12)]
    assert statuses.count(202) == 3
    refused = await web.post(photo())
    assert refused.status == 503
    assert int(refused.headers["retry-after"]) > 0
    assert refused.body["detail"].startswith("The queues")
    assert hub.zcard(keys.LEDGER_DUE) == int(hub.hget(keys.RECEIVED, mall.camera.pk)) == 3


async def test_a_camera_of_low_priority_is_refused_before_one_of_high_priority(
    mall: Mall, web: Web, settings: Settings
) -> None:
    settings.MALLVISION_QUEUE_LIMITS = Limits(4, 10**9)
    await set_camera(mall, priority=0)
    low = [(await web.post(photo())).status for _ in range(20)]
    await set_camera(mall, priority=9)
    high = [(await web.post(photo())).status for _ in range(20)]
    assert (low.count(202), high.count(202)) == (6, 6)  # two, then four, on each of three nodes


async def test_a_cameras_own_deadline_counts(mall: Mall, web: Web, hub: Redis) -> None:
    await set_camera(mall, deadline_s=7.5)
    answer = await web.post(photo())
    ref = decode_ref(hub.hget(keys.ledger_entry(answer.body["id"]), "ref"))
    assert ref.deadline_ms - ref.received_at_ms == 7500


async def set_camera(mall: Mall, **fields: float) -> None:
    for name, value in fields.items():
        setattr(mall.camera, name, value)
    await mall.camera.asave()


async def test_a_node_that_refuses_the_connection_is_passed_over(mall: Mall, web: Web) -> None:
    for node in mall.nodes[:2]:
        node.address = "redis://127.0.0.1:1/0"
        await node.asave()
    answer = await web.post(photo())
    assert answer.status == 202
    assert answer.body["node"] == "node-3"


async def test_no_node_that_answers_is_503(mall: Mall, web: Web, hub: Redis) -> None:
    for node in mall.nodes:
        node.address = "redis://127.0.0.1:1/0"
        await node.asave()
    answer = await web.post(photo())
    assert answer.status == 503
    assert "retry-after" in answer.headers
    assert hub.zcard(keys.LEDGER_DUE) == 0


async def test_a_hub_that_does_not_answer_is_503(web: Web, settings: Settings) -> None:
    settings.MALLVISION_HUB_URL = "redis://127.0.0.1:1/0"
    answer = await web.post(photo())
    assert answer.status == 503
    assert answer.body == {"detail": "The hub does not answer; the snapshot may not have been accepted."}


async def test_received_is_counted_for_hits_and_misses(mall: Mall, web: Web, hub: Redis) -> None:
    picture = photo()
    with all_working(mall):
        await web.post(picture, "wait=10")
        await web.post(picture)
    assert int(hub.hget(keys.RECEIVED, mall.camera.pk)) == 2


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_jpeg_png_and_webp_are_taken(web: Web, kind: str) -> None:
    assert (await web.post(photo(kind))).status == 202


async def _recorded(ids: list[str]) -> None:
    async with asyncio.timeout(10):
        while await Outcome.objects.filter(snapshot__in=ids).acount() < len(ids):
            await asyncio.sleep(0.01)


async def test_a_silent_node_is_named_in_the_log_once(mall: Mall, web: Web, caplog: pytest.LogCaptureFixture) -> None:
    for node in mall.nodes:
        node.address = "redis://127.0.0.1:1/0"
        await node.asave()
    await asyncio.gather(*(web.post(photo()) for _ in range(3)))
    said = [record.getMessage() for record in caplog.records if "node-1" in record.getMessage()]
    assert said == ["node node-1 does not answer: ConnectionError"]


async def test_a_silent_hub_stands_in_the_log_once_and_without_its_address(
    web: Web, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.MALLVISION_HUB_URL = "redis://127.0.0.1:1/0"
    for _ in range(3):
        await web.post(photo())
    said = [record.getMessage() for record in caplog.records if record.name == "recognition.intake.dispatch"]
    assert said == ["the hub does not answer, trying again: ConnectionError"]
    assert "127.0.0.1" not in caplog.text
