"""What stands before Django: bodies that are too large or too slow get no further."""

import asyncio
from typing import Any

import pytest

from mallvision import body_limit
from recognition.intake import body
from recognition.intake.body import Message, Receive, Scope, Send
from tests.mall import Web, never

TAKES_PHOTOS = [
    "/upload",
    "/api/v1/identify",
    "/admin/people/template/add/",
    "/people/7/faces",
    "/api/v1/people/7/faces",
]
FORMS = ["/login", "/admin/login/", "/admin/cameras/camera/add/", "/api/v1/snapshots/x", "/people/7", "/nowhere"]


async def post(web: Web, path: str, size: int) -> int:
    """The status of a body that tells its size only by coming."""
    return (await web.request("POST", path, [b"x" * size, b""], "", None)).status


@pytest.mark.parametrize("path", FORMS)
async def test_a_form_takes_a_hundred_kilobytes(web: Web, path: str) -> None:
    assert await post(web, path, 100_000) != 413
    assert await post(web, path, 100_001) == 413


@pytest.mark.parametrize("path", TAKES_PHOTOS)
async def test_a_page_that_takes_photos_takes_one_of_ten_megabytes(web: Web, path: str) -> None:
    assert await post(web, path, 10_000_000) != 413
    assert await post(web, path, 10_100_000) == 413


async def test_a_length_that_is_too_large_is_refused_unread(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "DRAIN_TIMEOUT_S", 0.05)
    answer = await web.request("POST", "/login", [], "", None, content_length="100001")
    assert answer.status == 413
    assert answer.body == {"detail": "The body is too large: at most 0.1 MB are taken here."}


@pytest.mark.parametrize("path", ["/login", "/upload"])
async def test_a_body_that_stops_coming_is_408(web: Web, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "READ_TIMEOUT_S", 0.05)
    first = [{"type": "http.request", "body": b"user", "more_body": True}]

    async def receive() -> dict[str, Any]:
        return first.pop() if first else await never()

    answer = await web.speak(web.scope("POST", path), receive)
    assert (answer.status, answer.headers["connection"]) == (408, "close")


async def test_an_answer_may_take_longer_than_a_body(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "READ_TIMEOUT_S", 0.02)
    statuses = []
    waiting: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def slow_page(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await asyncio.wait([asyncio.ensure_future(receive())], timeout=0.1)  # as Django listens for the disconnect
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Message:
        return waiting.pop() if waiting else await never()

    async def send(message: Message) -> None:
        statuses.append(message["status"])

    await body_limit.BodyLimit(slow_page, 1)({"path": "/", "headers": []}, receive, send)
    assert statuses == [200]
