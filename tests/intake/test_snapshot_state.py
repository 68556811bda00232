"""`GET /api/v1/snapshots/{id}`: how a snapshot ended."""

import asyncio

from cameras.database import in_database_thread
from cameras.models import Camera
from cameras.tokens import issue_camera_token
from tests.mall import Mall, Web, all_working
from tests.photos import photo
from tests.recognizers import StubRecognizer


async def test_in_work_it_is_queued(web: Web) -> None:
    sent = (await web.post(photo())).body
    answer = await web.get(f"/api/v1/snapshots/{sent['id']}")
    assert answer.status == 200
    assert answer.body == sent


async def test_done_it_has_faces(web: Web, mall: Mall) -> None:
    with all_working(mall):
        sent = (await web.post(photo(), "wait=10")).body
        answer = await web.get(f"/api/v1/snapshots/{sent['id']}")
    assert answer.body == sent


async def test_a_hit_is_found_before_it_is_recorded(web: Web, mall: Mall) -> None:
    picture = photo()
    with all_working(mall):
        await web.post(picture, "wait=10")
    hit = (await web.post(picture)).body  # nobody collects any more
    answer = await web.get(f"/api/v1/snapshots/{hit['id']}")
    assert answer.body["state"] == "done"
    assert answer.body["faces"] == hit["faces"]


async def test_failed_it_says_why(web: Web, mall: Mall) -> None:
    recognizer = StubRecognizer(faces_of=lambda _: None)
    sent = (await web.post(photo())).body
    with all_working(mall, recognizer):
        async with asyncio.timeout(10):
            while (answer := await web.get(f"/api/v1/snapshots/{sent['id']}")).body["state"] == "queued":
                await asyncio.sleep(0.01)
    assert answer.status == 200
    assert (answer.body["state"], answer.body["reason"]) == ("failed", "made so by a test")


async def test_another_cameras_snapshot_is_not_found(web: Web, mall: Mall) -> None:
    sent = (await web.post(photo())).body
    other = await Camera.objects.acreate(slug="gate-2", name="Gate 2", group=mall.group)
    token = await in_database_thread(issue_camera_token)(other)
    answer = await web.get(f"/api/v1/snapshots/{sent['id']}", token=token)
    assert answer.status == 404


async def test_an_unknown_snapshot_is_not_found(web: Web) -> None:
    answer = await web.get("/api/v1/snapshots/0123")
    assert (answer.status, list(answer.body)) == (404, ["detail"])


async def test_without_a_token_nothing_is_told(web: Web) -> None:
    assert (await web.get("/api/v1/snapshots/0123", token="")).status == 401
