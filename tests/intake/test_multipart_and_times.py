"""The other ways to send a photo, and what may be said beside it."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

from pytest_django import Settings

from recognition.hub import keys
from recognition.node.connections import Redis
from recognition.node.messages import decode_ref
from tests.mall import Mall, Web
from tests.photos import photo

BOUNDARY = "between"


def multipart(picture: bytes, **fields: str) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, text in fields.items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'.encode()
    return b"".join(parts) + head + picture + f"\r\n--{BOUNDARY}--\r\n".encode()


def captured_at_ms(hub: Redis, snapshot: str) -> int:
    return decode_ref(hub.hget(keys.ledger_entry(snapshot), "ref")).captured_at_ms


async def test_a_photo_may_come_as_a_multipart_field(web: Web, hub: Redis) -> None:
    picture = photo()
    answer = await web.post(multipart(picture), content_type=f"multipart/form-data; boundary={BOUNDARY}")
    assert answer.status == 202
    assert hub.hget(keys.ledger_entry(answer.body["id"]), "photo") == picture


async def test_captured_at_may_be_a_multipart_field(web: Web, hub: Redis) -> None:
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    body = multipart(photo(), captured_at=moment.isoformat())
    answer = await web.post(body, content_type=f"multipart/form-data; boundary={BOUNDARY}")
    assert captured_at_ms(hub, answer.body["id"]) == moment.timestamp() * 1000


async def test_captured_at_may_be_a_header_with_any_offset(web: Web, hub: Redis) -> None:
    answer = await web.post(photo(), x_captured_at="2026-01-31T09:30:00.250+08:00")
    assert captured_at_ms(hub, answer.body["id"]) == 1769823000250


async def test_a_clock_a_minute_ahead_is_taken(web: Web) -> None:
    ahead = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    assert (await web.post(photo(), x_captured_at=ahead)).status == 202


async def test_the_tokens_camera_is_the_one_that_sent_it(mall: Mall, web: Web, hub: Redis) -> None:
    answer = await web.post(photo())
    assert decode_ref(hub.hget(keys.ledger_entry(answer.body["id"]), "ref")).camera == mall.camera.pk


async def test_a_slow_uploads_time_counts_from_when_it_has_come(web: Web, hub: Redis, settings: Settings) -> None:
    picture = photo()
    chunks = [picture[:10], picture[10:]]
    whole_at_ms = 0

    async def receive() -> dict[str, object]:
        nonlocal whole_at_ms
        await asyncio.sleep(0.02)
        whole_at_ms = time.time_ns() // 1_000_000
        chunk = chunks.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(chunks)}

    answer = await web.speak(web.scope("POST", "/api/v1/snapshots", token=web.token), receive)
    ref = decode_ref(hub.hget(keys.ledger_entry(answer.body["id"]), "ref"))
    assert ref.received_at_ms >= whole_at_ms - 5  # the hub's clock is read to within a moment
    assert ref.deadline_ms - ref.received_at_ms == settings.MALLVISION_DEADLINE_S * 1000
