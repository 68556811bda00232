"""What browsers are told of system alerts."""

from datetime import UTC, datetime, timedelta

import pytest

from cameras.database import in_database_thread
from recognition.alerts.models import SystemAlert
from recognition.live.status import troubles
from tests.live.test_websocket import _one_look, client, socket_of, told
from tests.mall import Mall, Web

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def alert(kind: str, about: str = "", detail: str = "", after_s: float = 0.0) -> SystemAlert:
    at = NOON + timedelta(seconds=after_s)
    return SystemAlert.objects.create(kind=kind, about=about, detail=detail, raised_at=at)


@pytest.mark.django_db
def test_an_open_alert_is_told_with_its_figures() -> None:
    alert("disk_full", detail="93%")
    assert troubles() == [
        {"kind": "disk_full", "about": "", "text": "93%", "severity": "bad", "since": NOON.isoformat()}
    ]


@pytest.mark.django_db
def test_the_worst_come_first_then_the_oldest() -> None:
    alert("node_degraded", "node-1")
    alert("node_down", "node-3")
    alert("node_down", "node-2", after_s=5)
    assert [trouble["about"] for trouble in troubles()] == ["node-3", "node-2", "node-1"]


@pytest.mark.django_db
def test_what_is_over_is_not_told() -> None:
    alert("node_down", "node-1")
    SystemAlert.objects.update(cleared_at=NOON)
    assert troubles() == []


@pytest.mark.django_db
def test_a_hub_that_is_down_is_left_to_the_totals() -> None:
    alert("hub_down")
    assert troubles() == []


async def test_it_stands_in_the_greeting_and_in_the_status(mall: Mall, web: Web) -> None:
    await in_database_thread(alert)("node_down", "node-1")
    async with socket_of(await client("viewer")) as socket:
        greeted = (await told(socket, "hello"))["troubles"]
        await in_database_thread(_one_look)()
        reported = (await told(socket, "status"))["troubles"]
    assert [trouble["about"] for trouble in greeted] == ["node-1"]
    assert reported == greeted
