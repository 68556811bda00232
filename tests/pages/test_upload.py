from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client
from PIL import Image

from cameras.models import Camera, CameraGroup
from recognition.intake.submission import HandResult
from recognition.pages.answer import answer_of
from recognition.people.models import Person
from tests.pages.conftest import Recorded, SignedIn
from tests.pages.page import read

pytestmark = pytest.mark.usefixtures("hub")


@pytest.fixture
def photo() -> bytes:
    file = BytesIO()
    Image.new("RGB", (640, 480), "teal").save(file, "JPEG")
    return file.getvalue()


def sent(client: Client, camera: int, photo: bytes, **headers: str) -> bytes:
    file = SimpleUploadedFile("photo.jpg", photo, "image/jpeg")
    return client.post("/upload", {"camera": camera, "photo": file}, headers=headers).content


@pytest.mark.parametrize(
    ("role", "status"),
    [("operator", 200), ("administrator", 200), ("viewer", 403), ("enroller", 403), ("auditor", 403)],
)
def test_the_upload_page_is_for_those_who_may_upload(signed_in: SignedIn, role: str, status: int) -> None:
    assert signed_in(role).get("/upload").status_code == status


def test_only_enabled_cameras_in_sight_are_offered(signed_in: SignedIn, camera: Camera, group: CameraGroup) -> None:
    other = CameraGroup.objects.create(slug="vault", name="Vault")
    Camera.objects.create(slug="vault-1", name="Vault 1", group=other)
    Camera.objects.create(slug="gate-2", name="Gate 2", group=group, enabled=False)
    page = read(signed_in("operator").get("/upload").content)
    assert [element.text for element in page.elements if element.tag == "option"] == ["Gate 1"]


def test_a_camera_out_of_sight_is_refused(signed_in: SignedIn, camera: Camera, photo: bytes) -> None:
    other = Camera.objects.create(slug="v", name="V", group=CameraGroup.objects.create(slug="vault", name="Vault"))
    assert b"is not one of the available choices" in sent(signed_in("operator"), other.pk, photo)


def test_without_a_camera_the_page_says_whom_to_ask(signed_in: SignedIn) -> None:
    assert b"There is no camera that you may send for" in signed_in("operator").get("/upload").content


def test_a_missing_photo_is_asked_for(signed_in: SignedIn, camera: Camera) -> None:
    response = signed_in("operator").post("/upload", {"camera": camera.pk})
    assert b"Choose a photo first." in response.content


def test_what_is_no_photo_is_refused_in_plain_words(
    transactional_db: None, signed_in: SignedIn, camera: Camera
) -> None:
    assert b"This is not a JPEG, PNG or WebP photo" in sent(signed_in("operator"), camera.pk, b"hello")


def test_without_a_node_the_page_says_so(
    transactional_db: None, signed_in: SignedIn, camera: Camera, photo: bytes
) -> None:
    page = read(sent(signed_in("operator"), camera.pk, photo))
    assert page.all(data_status="refused")


def test_htmx_gets_the_answer_alone(transactional_db: None, signed_in: SignedIn, camera: Camera) -> None:
    content = sent(signed_in("operator"), camera.pk, b"hello", HX_Request="true")
    assert b"<html" not in content
    assert read(content).all(data_status="refused")


def test_the_answer_names_the_people_of_the_outcome(db: None, recorded: Recorded, person: Person, photo: bytes) -> None:
    face = {"box": [10, 200, 50, 60], "score": 0.9, "quality": 0.8, "verdict": "known", "person": person.pk}
    outcome = recorded(faces=[face])
    body = {"id": outcome.snapshot, "cached": True, "took_ms": 3, "node": "node-1", "faces": [{**face, "person": None}]}
    answer = answer_of(HandResult(200, body), photo)
    assert answer.body["faces"][0]["person"] == {"id": person.pk, "name": "Eileen Collins"}
    assert [mark.label for mark in answer.marks] == ["1 Eileen Collins"]
    assert (answer.width_px, answer.height_px) == (640, 480)
    assert answer.photo.startswith("data:image/jpeg;base64,")


def test_the_answer_tells_which_faces_are_too_poor_to_identify(db: None, recorded: Recorded, photo: bytes) -> None:
    face = {"box": [10, 200, 50, 60], "score": 0.9, "quality": 0.1, "verdict": "poor", "person": None}
    outcome = recorded(faces=[face])
    body = {"id": outcome.snapshot, "cached": True, "took_ms": 3, "node": "node-1", "faces": [face]}
    answer = answer_of(HandResult(200, body), photo)
    assert answer.marks[0].poor
    assert "too poor to identify" in render_to_string("upload/faces.html", {"answer": answer})


def test_a_photo_still_in_work_is_said_to_come_later(db: None, photo: bytes) -> None:
    answer = answer_of(HandResult(202, {"id": "a", "state": "queued", "node": "node-1"}), photo)
    assert (answer.done, answer.headline, answer.photo) == (False, "Still in work", "")
