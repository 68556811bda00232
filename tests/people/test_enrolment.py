import numpy as np
import pytest
from django.db import connection
from pytest_django import Settings

from recognition.node.messages import Answer, Unreadable
from recognition.people.authors import By
from recognition.people.enrolment import NewFace, enrol, face_of_sighting, face_on
from recognition.people.models import Person, Template
from recognition.people.objections import OVERRULABLE, EnrolmentRefused, Reason
from tests.faces import JPEG, at_distance, enrolled, face, recognition, vector
from tests.users import user_of

pytestmark = pytest.mark.django_db

ADA, BOB = vector(1), vector(2)


@pytest.fixture
def ada() -> Person:
    return Person.objects.create(name="Ada")


def photo_of(
    embedding: "np.ndarray[tuple[int], np.dtype[np.float32]]", name: str = "e", quality: float = 0.7
) -> NewFace:
    return face_on(recognition(face(embedding, quality)), name * 64)


def reasons(refused: "pytest.ExceptionInfo[EnrolmentRefused]") -> set[Reason]:
    return refused.value.reasons


def test_the_one_face_of_a_photo_becomes_a_template(ada: Person) -> None:
    enrol(ada, photo_of(ADA), By())
    template = Template.objects.get()
    assert (template.person, template.embedding, template.crop) == (ada, ADA.tobytes(), JPEG)
    assert (template.quality, template.digest, template.source, template.overruled) == (0.7, "e" * 64, "upload", [])


def test_a_new_person_is_saved_with_their_first_face() -> None:
    enrol(Person(name="Ada"), photo_of(ADA), By())
    assert Person.objects.get().templates.count() == 1


def test_a_new_person_whose_photo_is_refused_is_not_saved() -> None:
    with pytest.raises(EnrolmentRefused):
        enrol(Person(name="Ada"), photo_of(ADA, quality=0.1), By())
    assert not Person.objects.exists()


def test_who_enrolled_is_written_down(ada: Person) -> None:
    enroller = user_of("enroller")
    enrol(ada, photo_of(ADA, "a"), By(enroller))
    enrol(ada, photo_of(ADA, "b"), By(key_name="till"), Template.Source.WEBCAM)
    rows = Template.objects.order_by("pk").values_list("created_by", "key_name", "source")
    assert list(rows) == [(enroller.pk, "", "upload"), (None, "till", "webcam")]


@pytest.mark.parametrize(
    ("answer", "reason", "sentence"),
    [
        (recognition(), Reason.NO_FACE, "No face was found on the photo."),
        (recognition(face(ADA), face(BOB)), Reason.SEVERAL_FACES, "2 faces were found on the photo"),
        (Unreadable("the file is cut short"), Reason.UNREADABLE, "the file is cut short"),
        (recognition(face(np.full(128, np.nan, np.float32))), Reason.UNUSABLE, "cannot compare"),
        (recognition(face(ADA), space="other-space"), Reason.UNUSABLE, "cannot compare"),
    ],
    ids=["no face", "two faces", "unreadable", "not a number", "another space"],
)
def test_a_photo_without_exactly_one_face_to_compare_is_refused(answer: Answer, reason: Reason, sentence: str) -> None:
    with pytest.raises(EnrolmentRefused, match=sentence) as refused:
        face_on(answer, "d" * 64)
    assert reasons(refused) == {reason}
    assert not refused.value.may_be_overruled


def test_a_face_that_is_not_sharp_enough_is_refused(ada: Person) -> None:
    with pytest.raises(EnrolmentRefused, match=r"sharpness 0\.49, and 0\.50 is needed"):
        enrol(ada, photo_of(ADA, quality=0.49), By())


def test_a_face_like_that_of_somebody_else_is_refused(ada: Person) -> None:
    enrolled("Bob", BOB)
    with pytest.raises(EnrolmentRefused, match=r"Looks like an enrolled person: Bob, distance 0\.3") as refused:
        enrol(ada, photo_of(at_distance(BOB, 0.31)), By())
    assert reasons(refused) == {Reason.LOOKS_LIKE}


def test_another_face_of_the_same_person_looks_like_nobody_else() -> None:
    bob = enrolled("Bob", BOB)
    enrol(bob, photo_of(at_distance(BOB, 0.31)), By())
    assert bob.templates.count() == 2


def test_the_likeness_to_somebody_else_counts_even_where_the_person_is_nearer(settings: Settings) -> None:
    settings.MALLVISION_ENROL_LIKENESS = 0.8
    ada = enrolled("Ada", ADA)
    enrolled("Bob", at_distance(ADA, 0.7))
    with pytest.raises(EnrolmentRefused, match="Bob"):
        enrol(ada, photo_of(at_distance(ADA, 0.1, seed=5)), By())


def test_who_was_erased_meanwhile_is_not_named(ada: Person) -> None:
    bob = enrolled("Bob", BOB)
    with pytest.raises(EnrolmentRefused) as refused:
        enrol(ada, photo_of(BOB), By())
    bob.delete()
    assert "somebody who was erased meanwhile" in str(refused.value)


@pytest.mark.parametrize("of_whom", ["Ada", "Bob"])
def test_the_same_photo_is_enrolled_once(ada: Person, of_whom: str) -> None:
    other = Person.objects.create(name="Bob")
    enrol(ada if of_whom == "Ada" else other, photo_of(BOB), By())
    with pytest.raises(EnrolmentRefused, match=f"very photo is enrolled already: {of_whom}") as refused:
        enrol(ada, photo_of(BOB), By(), overrule=OVERRULABLE)
    assert reasons(refused) == {Reason.SAME_PHOTO}


def test_what_was_overruled_is_recorded_with_its_numbers(ada: Person) -> None:
    bob = enrolled("Bob", BOB)
    enrol(ada, photo_of(BOB, quality=0.1), By(), overrule={Reason.BLURRED, Reason.LOOKS_LIKE, Reason.TURNED_AWAY})
    blurred, like = ada.templates.get().overruled
    assert blurred == {"reason": "blurred", "numbers": {"sharpness": 0.1, "limit": 0.5}, "person": None, "detail": ""}
    assert (like["reason"], like["person"], like["numbers"]) == ("looks_like", bob.pk, {"distance": 0.0})


def test_what_was_not_overruled_is_still_refused(ada: Person) -> None:
    enrolled("Bob", BOB)
    with pytest.raises(EnrolmentRefused) as refused:
        enrol(ada, photo_of(BOB, quality=0.1), By(), overrule={Reason.BLURRED})
    assert reasons(refused) == {Reason.LOOKS_LIKE}


def test_all_that_is_wrong_is_said_at_once(ada: Person) -> None:
    enrolled("Bob", BOB)
    with pytest.raises(EnrolmentRefused, match=r"too blurred.*Looks like"):
        enrol(ada, photo_of(BOB, quality=0.1), By())


def test_the_face_of_a_sighting_is_enrolled_by_the_same_checks(ada: Person) -> None:
    enrol(ada, face_of_sighting(ADA.tobytes(), "dlib-resnet-v1", JPEG, 0.8), By(), Template.Source.SIGHTING)
    assert ada.templates.get().source == "sighting"
    with pytest.raises(EnrolmentRefused) as refused:
        enrol(ada, face_of_sighting(BOB.tobytes(), "dlib-resnet-v1", JPEG + b"2", 0.2), By(), Template.Source.SIGHTING)
    assert reasons(refused) == {Reason.BLURRED}


def test_templates_are_encrypted_at_rest(ada: Person) -> None:
    enrol(ada, photo_of(ADA), By())
    with connection.cursor() as cursor:
        cursor.execute("SELECT embedding, crop FROM people_template")
        embedding, crop = (bytes(value) for value in cursor.fetchone())
    assert ADA.tobytes()[:8] not in embedding
    assert b"\xff\xd8\xff" not in crop
    assert embedding.startswith(b"gAAAA")  # a Fernet token
    assert crop.startswith(b"gAAAA")
