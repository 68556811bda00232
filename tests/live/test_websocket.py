"""The wall's websocket: who may open it, what it is told, and that one slow browser holds up nobody."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.db import connection
from django.test import Client

from cameras.database import in_database_thread
from cameras.epochs import GALLERY, advance
from cameras.models import CameraGroup
from mallvision.asgi import application
from recognition.live import consumers
from recognition.monitor.monitor import Monitor
from tests.mall import Mall, Web, all_working
from tests.photos import photo
from tests.users import client_of


@asynccontextmanager
async def socket_of(client: Client | None, query: str = "") -> AsyncIterator[WebsocketCommunicator]:
    cookie = f"sessionid={client.cookies['sessionid'].value}" if client else ""
    headers = [(b"origin", b"http://localhost"), (b"host", b"localhost"), (b"cookie", cookie.encode())]
    communicator = WebsocketCommunicator(application, f"/ws/live{query}", headers=headers)
    connected, _ = await communicator.connect(timeout=10)
    assert connected
    yield communicator
    await communicator.disconnect()


async def told(socket: WebsocketCommunicator, kind: str) -> Any:
    """The next message of a kind."""
    while True:
        message = json.loads(await socket.receive_from(timeout=10))
        if message["kind"] == kind:
            return message


async def client(role: str, *groups: CameraGroup) -> Client:
    return await in_database_thread(client_of)(role, *groups)


async def done(mall: Mall, web: Web, picture: bytes) -> str:
    with all_working(mall):
        return str((await web.post(picture, "wait=10")).body["id"])


async def test_a_stranger_is_turned_away(web: Web) -> None:
    async with socket_of(None) as socket:
        assert (await socket.receive_output(timeout=10))["code"] == consumers.FORBIDDEN


async def test_another_sites_page_is_turned_away(mall: Mall, web: Web) -> None:
    headers = [(b"origin", b"http://evil.example"), (b"host", b"localhost")]
    communicator = WebsocketCommunicator(application, "/ws/live", headers=headers)
    connected, _ = await communicator.connect(timeout=10)
    assert not connected


async def test_it_is_greeted_with_its_cameras(mall: Mall, web: Web) -> None:
    async with socket_of(await client("viewer", mall.group)) as socket:
        hello = await told(socket, "hello")
    assert [camera["slug"] for camera in hello["cameras"]] == ["gate-1"]
    assert [node["name"] for node in hello["nodes"]] == ["node-1", "node-2", "node-3"]


async def test_cameras_of_other_groups_are_not_told(mall: Mall, web: Web) -> None:
    async with socket_of(await client("viewer")) as socket:
        assert (await told(socket, "hello"))["cameras"] == []


async def test_a_result_arrives_by_itself(mall: Mall, web: Web) -> None:
    async with socket_of(await client("viewer", mall.group)) as socket:
        await told(socket, "hello")
        snapshot = await done(mall, web, photo())
        (result,) = (await told(socket, "results"))["results"]
    assert (result["id"], result["camera"], result["state"], result["newest"]) == (snapshot, "gate-1", "done", True)


async def test_a_result_of_another_group_does_not_arrive(mall: Mall, web: Web) -> None:
    other = await CameraGroup.objects.acreate(slug="parking", name="Parking")
    async with socket_of(await client("viewer", other)) as socket:
        await told(socket, "hello")
        await done(mall, web, photo())
        assert await socket.receive_nothing(timeout=0.3)


async def test_what_was_missed_is_told_on_return(mall: Mall, web: Web) -> None:
    async with socket_of(await client("viewer", mall.group)) as socket:
        await told(socket, "hello")
        await done(mall, web, photo())
        seen = (await told(socket, "results"))["results"][-1]["number"]
    missed = await done(mall, web, photo())
    async with socket_of(await client("viewer", mall.group), f"?since={seen}") as socket:
        hello = await told(socket, "hello")
    assert [result["id"] for result in hello["results"]] == [missed]


async def test_the_monitors_figures_arrive(mall: Mall, web: Web) -> None:
    async with socket_of(await client("viewer", mall.group)) as socket:
        await told(socket, "hello")
        await in_database_thread(_one_look)()
        status = await told(socket, "status")
    assert status["totals"]["hub"] == "up"


def _one_look() -> None:
    monitor = Monitor()
    monitor.look()
    monitor.close()


async def test_who_is_signed_out_is_told_nothing_more(mall: Mall, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "CHECK_RIGHTS_EVERY_S", 0.05)
    browser = await client("viewer", mall.group)
    async with socket_of(browser) as socket:
        await told(socket, "hello")
        await in_database_thread(browser.logout)()
        assert (await socket.receive_output(timeout=10))["code"] == consumers.FORBIDDEN


async def test_a_camera_taken_out_of_sight_is_told_no_more(
    mall: Mall, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "CHECK_RIGHTS_EVERY_S", 0.05)
    async with socket_of(await client("viewer", mall.group)) as socket:
        await told(socket, "hello")
        await in_database_thread(mall.group.staff.clear)()
        assert (await told(socket, "hello"))["cameras"] == []


async def test_a_wall_whose_rights_cannot_be_checked_is_closed(
    mall: Mall, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "CHECK_RIGHTS_EVERY_S", 0.05)
    async with socket_of(await client("viewer", mall.group)) as socket:
        await told(socket, "hello")
        await in_database_thread(_rename)("django_session", "django_session_gone")
        try:
            assert (await socket.receive_output(timeout=10))["code"] == consumers.SERVER_ERROR
        finally:
            await in_database_thread(_rename)("django_session_gone", "django_session")


def _rename(table: str, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO {name}")


async def test_a_wall_is_drawn_anew_when_the_gallery_changes(
    mall: Mall, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "CHECK_RIGHTS_EVERY_S", 0.05)
    async with socket_of(await client("viewer", mall.group)) as socket:
        await told(socket, "hello")
        await in_database_thread(_one_look)()
        await told(socket, "hello")  # the first figures say at which epochs all is
        await in_database_thread(advance)(GALLERY)
        await in_database_thread(_one_look)()
        assert (await told(socket, "hello"))["cameras"]
