import numpy as np
import pytest
from django.db import connection

from recognition.node.messages import Unreadable
from recognition.people.enrolment import NoFace, SeveralFaces, UnreadablePhoto, UnusableFace, enrol
from recognition.people.models import Person, Template
from tests.faces import JPEG, face, recognition, vector

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Person:
    return Person.objects.create(name="Ada")


def test_the_one_face_of_a_photo_becomes_a_template(ada: Person) -> None:
    enrol(ada, recognition(face(vector(1), quality=0.7)), "d" * 64, None)
    template = Template.objects.get()
    assert (template.person, template.embedding, template.crop) == (ada, vector(1).tobytes(), JPEG)
    assert (template.quality, template.digest) == (0.7, "d" * 64)


def test_a_photo_without_a_face_is_refused(ada: Person) -> None:
    with pytest.raises(NoFace):
        enrol(ada, recognition(), "d" * 64, None)


def test_a_photo_with_several_faces_is_refused_with_their_number(ada: Person) -> None:
    with pytest.raises(SeveralFaces, match="2 faces"):
        enrol(ada, recognition(face(vector(1)), face(vector(2))), "d" * 64, None)


def test_an_unreadable_photo_is_refused_with_its_reason(ada: Person) -> None:
    with pytest.raises(UnreadablePhoto, match="the file is cut short"):
        enrol(ada, Unreadable("the file is cut short"), "d" * 64, None)


@pytest.mark.parametrize(
    "answer",
    [recognition(face(np.full(128, np.nan, np.float32))), recognition(face(vector(1)), space="other-space")],
    ids=["not a number", "another space"],
)
def test_a_face_that_the_gallery_cannot_compare_is_refused(ada: Person, answer: object) -> None:
    with pytest.raises(UnusableFace):
        enrol(ada, answer, "d" * 64, None)  # type: ignore[arg-type]


def test_templates_are_encrypted_at_rest(ada: Person) -> None:
    enrol(ada, recognition(face(vector(1))), "d" * 64, None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT embedding, crop FROM people_template")
        embedding, crop = (bytes(value) for value in cursor.fetchone())
    assert vector(1).tobytes()[:8] not in embedding
    assert b"\xff\xd8\xff" not in crop
    assert embedding.startswith(b"gAAAA")  # a Fernet token
    assert crop.startswith(b"gAAAA")
