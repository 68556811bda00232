from collections.abc import Callable

import pytest
import redis
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from cameras.models import Camera
from recognition.hub import keys
from recognition.people.private_media import photo_type
from tests.faces import JPEG, camera, sighting
from tests.users import client_of

pytestmark = pytest.mark.django_db

SNAPSHOT = "0" * 31 + "1"


@pytest.fixture
def gate() -> Camera:
    return camera()


@pytest.fixture
def viewer(gate: Camera) -> Client:
    return client_of("viewer", gate.group)


@pytest.fixture
def stored(hub: redis.Redis, gate: Camera) -> Callable[[bytes], None]:
    def store(photo: bytes) -> None:
        hub.hset(keys.newest(gate.pk), mapping={"snapshot": SNAPSHOT, "captured_at": 1, "photo": photo})

    return store


def newest(client: Client, **query: str) -> HttpResponse:
    return client.get(reverse("camera-newest", args=["gate-1"]), query)  # type: ignore[return-value]


def face_of(client: Client, number: int) -> HttpResponse:
    return client.get(reverse("sighting-face", args=[number]))  # type: ignore[return-value]


def test_the_face_of_a_sighting_in_sight_is_shown(viewer: Client, gate: Camera) -> None:
    answer = face_of(viewer, sighting(gate).pk)
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, JPEG, "image/jpeg")


def test_a_sighting_out_of_sight_is_not_found(viewer: Client) -> None:
    assert face_of(viewer, sighting(camera("vault-1", "vault")).pk).status_code == 404


def test_a_stranger_is_sent_to_the_log_in_page(gate: Camera) -> None:
    assert face_of(Client(), sighting(gate).pk).status_code == 302


def test_someone_without_a_role_is_refused(gate: Camera, django_user_model: type) -> None:
    client = Client()
    client.force_login(django_user_model.objects.create_user("nobody"))  # type: ignore[attr-defined]
    assert face_of(client, sighting(gate).pk).status_code == 403


def test_private_photos_are_guarded_by_their_headers(viewer: Client, gate: Camera) -> None:
    answer = face_of(viewer, sighting(gate).pk)
    assert answer["Cache-Control"].startswith("private")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_cameras_newest_photo_is_shown(viewer: Client, stored: Callable[[bytes], None]) -> None:
    stored(JPEG)
    answer = newest(viewer)
    assert (answer.status_code, answer.content, answer["X-Snapshot"]) == (200, JPEG, SNAPSHOT)


def test_only_a_photo_asked_for_by_its_snapshot_may_be_kept(viewer: Client, stored: Callable[[bytes], None]) -> None:
    stored(JPEG)
    assert newest(viewer, snapshot=SNAPSHOT)["Cache-Control"] == "private, max-age=60"
    assert newest(viewer)["Cache-Control"] == "private, no-store"
    assert newest(viewer, snapshot="another")["Cache-Control"] == "private, no-store"


def test_what_is_no_photo_is_never_given_the_type_of_a_page(viewer: Client, stored: Callable[[bytes], None]) -> None:
    stored(b"<html><script>alert(1)</script>")
    assert newest(viewer)["Content-Type"] == "application/octet-stream"


def test_a_camera_without_photos_is_not_found(viewer: Client, hub: redis.Redis) -> None:
    assert newest(viewer).status_code == 404


def test_a_camera_out_of_sight_is_not_found(viewer: Client, stored: Callable[[bytes], None]) -> None:
    stored(JPEG)
    camera("vault-1", "vault")
    assert viewer.get(reverse("camera-newest", args=["vault-1"])).status_code == 404


def test_a_silent_hub_is_said_in_plain_words(viewer: Client, settings: LazySettings) -> None:
    settings.MALLVISION_HUB_URL = "unix:///nowhere/hub.sock"
    answer = newest(viewer)
    assert (answer.status_code, answer["Content-Type"]) == (503, "text/plain; charset=utf-8")


@pytest.mark.parametrize(
    ("photo", "expected"),
    [
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\nrest", "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBPrest", "image/webp"),
        (b"GIF89a", "application/octet-stream"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_a_photos_type_comes_from_its_bytes(photo: bytes, expected: str) -> None:
    assert photo_type(photo) == expected
