"""`manage.py reembed`: templates made anew from their crops, through real nodes where that matters."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from io import StringIO

import msgspec
import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from cameras.epochs import GALLERY, current
from recognition.intake.reembedding import (
    MOST_UNANSWERED,
    UNANSWERED,
    Gone,
    Left,
    Rebuilt,
    all_templates,
    outdated_templates,
    rebuild,
)
from recognition.intake.submission import Unavailable
from recognition.node.messages import Answer, Unreadable
from recognition.people.embeddings import SPACE, as_matrix
from recognition.people.enrolment import central_face
from recognition.people.loading import load_gallery
from recognition.people.models import Person, Template
from tests.faces import face, recognition, vector
from tests.mall import Mall, all_working
from tests.photos import photo
from tests.recognizers import StubRecognizer, embedding_of, one_face

OLD = "an-older-space"
EMPTY = photo()


@pytest.fixture
def ada(db: None) -> Person:
    return Person.objects.create(name="Ada Lovelace")


def template(person: Person, crop: bytes = EMPTY, space: str = OLD) -> Template:
    embedding = vector(1).tobytes()
    return Template.objects.create(
        person=person, embedding=embedding, space=space, crop=crop, quality=0.1, digest="d" * 64
    )


def answering(answer: Answer) -> Callable[[bytes], Answer]:
    return lambda _crop: answer


def unavailable(_crop: bytes) -> Answer:
    raise Unavailable("No node answers.")


class TestRebuilding:
    def test_embedding_space_and_quality_are_those_of_the_answer(self, ada: Person) -> None:
        row = template(ada)
        answer = recognition(face(vector(2), quality=0.7))
        assert list(rebuild([row.pk], answering(answer), dry=False)) == [Rebuilt()]
        row.refresh_from_db()
        assert (row.embedding, row.space, row.quality) == (vector(2).tobytes(), SPACE, 0.7)

    def test_the_gallery_is_told_of_each_change(self, ada: Person) -> None:
        rows = [template(ada).pk, template(ada).pk]
        attempts = rebuild(rows, answering(recognition(face(vector(2)))), dry=False)
        before = current(GALLERY)
        assert [(next(attempts), current(GALLERY) - before) for _ in rows] == [(Rebuilt(), 1), (Rebuilt(), 2)]

    @pytest.mark.parametrize(
        ("answer", "why"),
        [
            (recognition(), "No face was found"),
            (Unreadable("cut short"), "cut short"),
            (recognition(face(vector(2)), space="a-third-space"), "cannot compare"),
        ],
        ids=["no face", "unreadable", "another space"],
    )
    def test_what_has_no_face_to_compare_is_left_with_the_reason(self, ada: Person, answer: Answer, why: str) -> None:
        row = template(ada)
        before, epoch = Template.objects.values().get(), current(GALLERY)
        (left,) = rebuild([row.pk], answering(answer), dry=False)
        assert isinstance(left, Left)
        assert why in left.reason
        assert (Template.objects.values().get(), current(GALLERY)) == (before, epoch)

    def test_a_crop_whose_key_is_lost_is_left(self, ada: Person, settings: LazySettings) -> None:
        row = template(ada)
        settings.MALLVISION_FIELD_KEYS = [Fernet.generate_key().decode()]
        (left,) = rebuild([row.pk], answering(recognition(face(vector(2)))), dry=False)
        assert isinstance(left, Left)

    def test_a_template_that_is_removed_meanwhile_is_not_brought_back(self, ada: Person) -> None:
        row = template(ada)

        def erasing(_crop: bytes) -> Answer:
            Template.objects.all().delete()
            return recognition(face(vector(2)))

        assert list(rebuild([row.pk], erasing, dry=False)) == [Gone()]
        assert not Template.objects.exists()

    def test_nodes_that_do_not_answer_are_soon_left_alone(self, ada: Person) -> None:
        rows = [template(ada).pk for _ in range(MOST_UNANSWERED + 2)]
        attempts = list(rebuild(rows, unavailable, dry=False))
        assert attempts == [Left("No node answers.")] * MOST_UNANSWERED + [Left(UNANSWERED)] * 2

    def test_stopped_half_way_it_goes_on_with_the_rest(self, ada: Person) -> None:
        first, second = template(ada).pk, template(ada).pk
        next(rebuild([first, second], answering(recognition(face(vector(2)))), dry=False))
        assert (outdated_templates(), all_templates()) == ([second], [first, second])


@pytest.mark.parametrize(
    ("boxes", "chosen"),
    [
        ([(0, 0, 20, 20), (300, 220, 40, 40)], 1),
        ([(0, 0, 200, 200), (300, 220, 40, 40)], 1),
        ([(310, 230, 20, 20), (300, 220, 40, 40)], 1),
        ([(0, 0, 30, 30), (600, 440, 20, 20)], 0),
    ],
    ids=["larger and central", "a larger one at the edge", "two over the middle", "none over the middle"],
)
def test_of_several_faces_the_one_that_the_crop_was_cut_around_is_taken(
    boxes: list[tuple[int, int, int, int]], chosen: int
) -> None:
    faces = [msgspec.structs.replace(face(vector(number)), box=box) for number, box in enumerate(boxes)]
    assert central_face(recognition(*faces)) == faces[chosen]


@pytest.fixture
def _at_work(mall: Mall) -> Iterator[None]:
    with all_working(mall, StubRecognizer(lambda picture: [] if picture == EMPTY else one_face(picture))):
        yield


def reembed(*options: str) -> str:
    """What the command says."""
    out = StringIO()
    with suppress(CommandError):
        call_command("reembed", *options, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("_at_work")
class TestCommand:
    def test_templates_that_the_gallery_cannot_compare_are_rebuilt_by_a_node(self, mall: Mall, ada: Person) -> None:
        old, new = template(ada, photo()), template(ada, photo(), SPACE)
        said = reembed()
        embeddings = dict(Template.objects.values_list("pk", "embedding"))
        assert embeddings == {old.pk: embedding_of(old.crop).tobytes(), new.pk: vector(1).tobytes()}
        assert "Rebuilt: 1 of 1 templates." in said
        assert f"template {old.pk} (1 of 1): rebuilt" in said

    def test_they_are_in_the_gallery_then(self, mall: Mall, ada: Person) -> None:
        row = template(ada, photo())
        before = load_gallery(current(GALLERY)).names
        reembed()
        ((nearest, *_),) = load_gallery(current(GALLERY)).nearest(as_matrix([embedding_of(row.crop).tobytes()]), SPACE)
        assert not before
        assert nearest.person_id == ada.pk

    def test_a_second_run_has_nothing_to_do(self, mall: Mall, ada: Person) -> None:
        template(ada, photo())
        reembed()
        assert "Rebuilt: 0 of 0 templates." in reembed()

    @pytest.mark.parametrize(("option", "count"), [(["--all"], 2), (["--space", SPACE], 1)], ids=["all", "one space"])
    def test_it_can_be_told_which(self, mall: Mall, ada: Person, option: list[str], count: int) -> None:
        template(ada, photo())
        template(ada, photo(), SPACE)
        assert f"Rebuilt: {count} of {count} templates." in reembed(*option)

    def test_a_dry_run_changes_nothing(self, mall: Mall, ada: Person) -> None:
        template(ada, photo())
        before = list(Template.objects.values()), current(GALLERY)
        assert "Would be rebuilt: 1 of 1 templates." in reembed("--dry-run")
        assert (list(Template.objects.values()), current(GALLERY)) == before

    def test_it_fails_when_some_could_not_be_rebuilt(self, mall: Mall, ada: Person) -> None:
        template(ada)
        template(ada, photo())
        with pytest.raises(CommandError, match="could not be rebuilt: 1"):
            call_command("reembed", stdout=StringIO())

    def test_it_names_nobody(self, mall: Mall, ada: Person, caplog: pytest.LogCaptureFixture) -> None:
        template(ada)
        template(ada, photo())
        said = reembed()
        assert "No face was found" in said
        assert "Ada" not in said + caplog.text
