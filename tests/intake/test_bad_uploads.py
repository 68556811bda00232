"""What a sender may do wrong, and the plain words that answer it."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from cameras.database import in_database_thread
from cameras.tokens import revoke_camera_token
from recognition.hub import keys
from recognition.intake import body, snapshots
from recognition.intake.body import DRAIN_BYTES
from recognition.node.connections import Redis
from tests.mall import Mall, Web, never
from tests.photos import photo, png_claiming


@pytest.fixture(autouse=True)
def _nothing_is_kept(hub: Redis) -> Iterator[None]:
    """After each test here: no snapshot was accepted."""
    yield
    assert hub.zcard(keys.LEDGER_DUE) == 0
    assert hub.xlen(keys.HITS) == 0
    assert not any(int(count) for count in hub.hvals(keys.RECEIVED))


async def test_an_empty_body(web: Web) -> None:
    answer = await web.post(b"")
    assert (answer.status, "empty" in answer.body["detail"]) == (422, True)


async def test_text_that_calls_itself_a_jpeg(web: Web) -> None:
    answer = await web.post(b"hello, I am a photo", content_type="image/jpeg")
    assert answer.status == 415


async def test_a_jpeg_cut_off_in_its_header(web: Web) -> None:
    answer = await web.post(photo()[:20])
    assert (answer.status, "cut off" in answer.body["detail"]) == (422, True)


async def test_a_png_that_claims_to_be_huge(web: Web) -> None:
    answer = await web.post(png_claiming(60_000, 60_000))
    assert (answer.status, "60000 x 60000" in answer.body["detail"]) == (422, True)


async def test_a_picture_without_any_size(web: Web) -> None:
    assert (await web.post(png_claiming(0, 10))).status == 422


async def test_one_byte_more_than_ten_megabytes_is_refused_unread(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "DRAIN_TIMEOUT_S", 0.05)
    answer = await web.post([], content_length="10000001")
    assert answer.status == 413


async def test_ten_megabytes_and_a_byte_in_chunks_without_a_length(web: Web) -> None:
    answer = await web.post([bytes(1_000_000)] * 10 + [b"x"])
    assert answer.status == 413


async def test_a_body_that_never_ends(web: Web) -> None:
    sent = itertools.count()

    async def receive() -> dict[str, object]:
        next(sent)
        return {"type": "http.request", "body": bytes(100_000), "more_body": True}

    answer = await web.speak(web.scope("POST", "/api/v1/snapshots"), receive)
    assert answer.status == 413
    assert next(sent) * 100_000 <= 10_100_000 + DRAIN_BYTES  # read off within bounds, and kept nowhere


async def test_a_body_that_stops_coming(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "READ_TIMEOUT_S", 0.05)
    first = [{"type": "http.request", "body": b"\xff\xd8", "more_body": True}]

    async def receive() -> dict[str, object]:
        return first.pop() if first else await never()

    answer = await web.speak(web.scope("POST", "/api/v1/snapshots"), receive)
    assert answer.status == 408


@pytest.mark.parametrize("token", ["", "mvc_wrong", "nonsense \x7f"])
async def test_no_or_a_wrong_token(web: Web, token: str) -> None:
    answer = await web.post(photo(), token=token)
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert token not in answer.body["detail"] or not token


async def test_a_revoked_token_at_once(mall: Mall, web: Web, hub: Redis) -> None:
    await web.get("/api/v1/snapshots/unknown")  # the process has read the registry
    await in_database_thread(revoke_camera_token)(mall.camera)
    answer = await web.post(photo())
    assert answer.status == 401


async def test_a_disabled_camera(mall: Mall, web: Web) -> None:
    mall.camera.enabled = False
    await mall.camera.asave()
    answer = await web.post(photo())
    assert (answer.status, "gate-1" in answer.body["detail"]) == (403, True)


async def test_a_clock_an_hour_ahead(web: Web) -> None:
    ahead = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    answer = await web.post(photo(), x_captured_at=ahead)
    assert (answer.status, "clock" in answer.body["detail"]) == (422, True)


@pytest.mark.parametrize("moment", ["yesterday", "2026-02-30T10:00:00Z", "2026-01-31T09:30:00", "1e9"])
async def test_a_time_that_is_none(web: Web, moment: str) -> None:
    assert (await web.post(photo(), x_captured_at=moment)).status == 422


@pytest.mark.parametrize("wait", ["31", "-1", "soon", "nan"])
async def test_a_wait_that_is_none(web: Web, wait: str) -> None:
    assert (await web.post(photo(), f"wait={wait}")).status == 422


async def test_another_method(web: Web) -> None:
    answer = await web.get("/api/v1/snapshots")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


async def test_a_multipart_body_without_the_field(web: Web) -> None:
    answer = await web.post(b"--x\r\n\r\n--x--\r\n", content_type="multipart/form-data; boundary=x")
    assert (answer.status, "image" in answer.body["detail"]) == (422, True)


async def test_a_multipart_body_without_a_boundary(web: Web) -> None:
    answer = await web.post(b"whatever", content_type="multipart/form-data")
    assert answer.status == 422


async def test_a_refused_body_is_read_off_so_that_its_sender_reads_why(web: Web) -> None:
    chunks = iter([bytes(1_000_000)] * 11 + [b""])
    left = 12

    async def receive() -> dict[str, object]:
        nonlocal left
        left -= 1
        return {"type": "http.request", "body": next(chunks), "more_body": left > 0}

    answer = await web.speak(web.scope("POST", "/api/v1/snapshots", content_length="11000000"), receive)
    assert (answer.status, left) == (413, 0)
