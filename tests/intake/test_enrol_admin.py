"""Enrolling in the admin: a photo is uploaded, a node recognises it, the face becomes a template."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from recognition.engine import Face
from recognition.people.models import Person, Template
from tests.mall import Mall, collecting, working
from tests.photos import photo
from tests.recognizers import StubRecognizer, embedding_of, face, fit_face
from tests.users import client_of

EMPTY, CROWDED, BROKEN, TINY = (photo("PNG") for _ in range(4))


def faces_of(picture: bytes) -> list[Face] | None:
    found = {
        EMPTY: [],
        CROWDED: [face(b"one"), face(b"two"), face(b"three")],
        BROKEN: None,
        TINY: [fit_face(b"tiny", side_px=20)],
    }
    return found.get(picture, [fit_face(picture)])


@pytest.fixture
def ada(mall: Mall) -> Person:
    return Person.objects.create(name="Ada")


@pytest.fixture
def enroller(mall: Mall) -> Client:
    return client_of("enroller")


@pytest.fixture
def _at_work(mall: Mall) -> Iterator[None]:
    recognizer = StubRecognizer(faces_of)
    first, second, third = mall.nodes
    with working(first, recognizer), working(second, recognizer), working(third, recognizer), collecting():
        yield


def send(client: Client, person: Person, picture: bytes, **ticked: str) -> HttpResponse:
    upload = SimpleUploadedFile("ada-at-work.jpg", picture, "image/jpeg")
    content = {"person": person.pk, "photo": upload, **ticked}
    return client.post(reverse("admin:people_template_add"), content)  # type: ignore[return-value]


def refusal(answer: HttpResponse) -> str:
    (text,) = answer.context["adminform"].form.errors["photo"]  # type: ignore[attr-defined]
    return str(text)


@pytest.mark.usefixtures("_at_work")
def test_a_face_is_enrolled_from_a_photo(enroller: Client, ada: Person) -> None:
    picture = photo("PNG")
    answer = send(enroller, ada, picture)
    assert answer["Location"] == reverse("admin:people_person_change", args=[ada.pk])
    template = Template.objects.get()
    assert (template.person, template.embedding) == (ada, embedding_of(picture).tobytes())
    assert template.created_by is not None


@pytest.mark.usefixtures("_at_work")
def test_the_form_says_what_is_wrong_with_a_photo(enroller: Client, ada: Person) -> None:
    said = [refusal(send(enroller, ada, picture)) for picture in (EMPTY, CROWDED, BROKEN, b"not a photo at all")]
    assert said[:3] == [
        "No face was found on the photo.",
        "3 faces were found on the photo; one photo enrols one face.",
        "The photo cannot be read: made so by a test",
    ]
    assert said[3].startswith("The photo cannot be read: ")
    assert not Template.objects.exists()


@pytest.mark.usefixtures("_at_work")
def test_a_limit_is_overruled_by_ticking_so(enroller: Client, ada: Person) -> None:
    assert refusal(send(enroller, ada, TINY)) == "The face is 20 px wide, and 60 px are needed."
    send(enroller, ada, TINY, overrule="on")
    assert [limit["reason"] for limit in Template.objects.get().overruled] == ["too_small"]


def test_the_form_says_that_no_node_answers(mall: Mall, enroller: Client, ada: Person) -> None:
    for node in mall.nodes:
        node.address = "unix:///nowhere/node.sock"
        node.save()
    assert "No node answered" in refusal(send(enroller, ada, photo()))


def test_a_photo_that_is_too_large_is_refused(enroller: Client, ada: Person, settings: LazySettings) -> None:
    settings.PHOTO_LIMIT_BYTES = 100
    assert "larger than" in refusal(send(enroller, ada, photo()))


@pytest.mark.parametrize("role", ["viewer", "operator", "auditor"])
def test_only_enrollers_and_administrators_enrol(ada: Person, role: str) -> None:
    assert send(client_of(role), ada, photo()).status_code == 403


def test_the_form_opens_with_the_person_it_was_asked_for(enroller: Client, ada: Person) -> None:
    page = enroller.get(reverse("admin:people_template_add"), {"person": ada.pk}).content.decode()
    assert "Ada" in page
    assert 'enctype="multipart/form-data"' in page
