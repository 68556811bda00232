from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from cameras.models import Camera, CameraGroup, Node
from cameras.scope import Scope
from recognition.alerts.models import Alert, AlertRule
from recognition.hub import keys
from recognition.live.state import hello
from recognition.node.connections import Redis
from recognition.people.models import Person
from recognition.sightings.models import NodeTally, Outcome, Sighting
from tests.pages.conftest import Recorded, SignedIn
from tests.pages.page import read

pytestmark = pytest.mark.usefixtures("hub")


def put_newest(hub: Redis, outcome: Outcome) -> None:
    hub.hset(
        keys.newest(outcome.camera_id or 0), mapping={"snapshot": outcome.snapshot, "captured_at": 0, "photo": b"x"}
    )


def test_a_stranger_is_sent_to_the_log_in(db: None, client: Client) -> None:
    assert client.get("/").headers["Location"] == "/login?next=/"


@pytest.mark.parametrize(
    ("role", "status"),
    [("viewer", 200), ("operator", 200), ("enroller", 200), ("auditor", 200), ("administrator", 200), ("", 403)],
)
def test_the_wall_is_for_those_who_may_watch(signed_in: SignedIn, role: str, status: int) -> None:
    assert signed_in(role).get("/").status_code == status


def test_a_camera_of_another_group_is_not_on_the_wall(signed_in: SignedIn, camera: Camera) -> None:
    other = CameraGroup.objects.create(slug="vault", name="Vault")
    Camera.objects.create(slug="vault-1", name="Vault 1", group=other)
    page = read(signed_in("viewer").get("/").content)
    assert [tile.attributes["data-camera"] for tile in page.all(class_="tile")] == ["gate-1"]


def test_the_page_shows_every_camera_result_and_node_that_hello_tells(
    signed_in: SignedIn, recorded: Recorded, node: Node, hub: Redis
) -> None:
    NodeTally.objects.create(node=node, hits=1200, joins=3, misses=400)
    for _ in range(3):
        outcome = recorded()
    put_newest(hub, outcome)
    client = signed_in("viewer")
    told = hello(Scope(User.objects.get(username="some-viewer")))
    page = read(client.get("/").content)
    assert [tile.attributes["data-camera"] for tile in page.all(class_="tile")] == [
        it["slug"] for it in told["cameras"]
    ]
    assert [row.attributes["data-number"] for row in page.all(class_="result")] == [
        str(it["number"]) for it in reversed(told["results"])
    ]
    assert [card.attributes["data-node"] for card in page.all(class_="node")] == [it["name"] for it in told["nodes"]]
    assert page.texts(data_field="hits") == ["1,200"]
    assert page.all(id="wall")[0].attributes["data-since"] == str(outcome.pk)
    assert page.all(class_="tile__picture")[0].attributes["src"].endswith(f"?snapshot={outcome.snapshot}")


@pytest.mark.parametrize(("language", "word"), [("en", "unchanged"), ("zh-hans", "画面未变")])
def test_an_unchanged_scene_is_said_to_be_one(
    signed_in: SignedIn, recorded: Recorded, node: Node, language: str, word: str
) -> None:
    NodeTally.objects.create(node=node, unchanged=1234)
    recorded(way="unchanged")
    page = read(signed_in("viewer").get("/", headers={"accept-language": language}).content)
    (row,) = page.all(class_="result")
    assert row.attributes["data-ending"] == "unchanged"
    assert page.texts(data_field="ending")[0] == word
    assert page.texts(data_field="unchanged") == ["1,234"]


def test_a_name_stands_over_the_picture_and_in_the_ticker(
    signed_in: SignedIn, recorded: Recorded, person: Person, hub: Redis
) -> None:
    face = {"box": [10, 200, 50, 60], "score": 0.9, "quality": 0.8, "verdict": "known", "person": person.pk}
    outcome = recorded(faces=[face, {**face, "person": None}])
    put_newest(hub, outcome)
    page = read(signed_in("viewer").get("/").content)
    assert page.texts(text_anchor="start") == ["Eileen Collins", ""]
    assert page.texts(data_field="seen") == ["Eileen Collins, stranger"]
    assert page.all(class_="overlay")[0].attributes["viewbox"] == "0 0 640 480"


def test_a_face_too_poor_to_identify_is_told_from_a_strangers(
    signed_in: SignedIn, recorded: Recorded, hub: Redis
) -> None:
    face = {"box": [10, 200, 50, 60], "score": 0.9, "quality": 0.1, "verdict": "poor", "person": None}
    put_newest(hub, recorded(faces=[face, face, {**face, "verdict": "stranger"}]))
    page = read(signed_in("viewer").get("/").content)
    assert page.texts(data_field="seen") == ["stranger, too poor to identify × 2"]
    assert len(page.all(class_="face face--poor")) == 2


@pytest.mark.parametrize(
    ("ago_s", "enabled", "state"),
    [(1, True, "live"), (40, True, "late"), (400, True, "offline"), (1, False, "disabled")],
)
def test_a_tile_tells_how_its_camera_is_doing(
    signed_in: SignedIn, recorded: Recorded, camera: Camera, hub: Redis, ago_s: int, enabled: bool, state: str
) -> None:
    outcome = recorded(timezone.now() - timedelta(seconds=ago_s))
    put_newest(hub, outcome)
    Camera.objects.filter(pk=camera.pk).update(enabled=enabled)
    page = read(signed_in("viewer").get("/").content)
    assert page.all(class_="tile")[0].attributes["data-state"] == state


def test_a_camera_that_has_sent_nothing_waits(signed_in: SignedIn, camera: Camera) -> None:
    page = read(signed_in("viewer").get("/").content)
    assert page.all(class_="tile")[0].attributes["data-state"] == "waiting"


def test_a_failed_snapshot_says_why_in_the_ticker_and_on_its_tile(signed_in: SignedIn, recorded: Recorded) -> None:
    recorded(state="failed", way="", reason="The picture is cut short.", width_px=0, height_px=0)
    page = read(signed_in("viewer").get("/").content)
    assert page.all(class_="result")[0].attributes["data-ending"] == "failed"
    assert page.texts(data_field="seen") == page.texts(data_field="problem") == ["The picture is cut short."]


def test_an_alert_stands_on_the_page(signed_in: SignedIn, camera: Camera, person: Person) -> None:
    now = timezone.now()
    sighting = Sighting.objects.create(
        camera=camera, person=person, first_seen=now, last_seen=now, quality=1, embedding=b"", space="", thumbnail=b""
    )
    rule = AlertRule.objects.create(name="Anyone known")
    alert = Alert.objects.create(rule=rule, sighting=sighting, raised_at=now)
    page = read(signed_in("viewer").get("/").content)
    assert page.all(class_="alert")[0].attributes["data-number"] == str(alert.pk)
    assert page.texts(data_field="who") == ["Eileen Collins"]


def test_an_empty_wall_tells_an_administrator_what_to_do(signed_in: SignedIn) -> None:
    assert b"create_camera gate-1 --group entrance" in signed_in("administrator").get("/").content


def test_an_empty_wall_tells_a_viewer_whom_to_ask(signed_in: SignedIn) -> None:
    content = signed_in("viewer").get("/").content
    assert b"create_camera" not in content
    assert b"ask an administrator to give you a camera group" in content


def test_the_wall_stands_while_the_hub_is_down(signed_in: SignedIn, camera: Camera, settings: Settings) -> None:
    settings.MALLVISION_HUB_URL = "unix:///nowhere.sock"
    page = read(signed_in("viewer").get("/").content)
    assert len(page.all(class_="tile")) == 1
    assert "hidden" not in page.all(id="hub-down")[0].attributes
