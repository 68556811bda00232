"""Templates made anew from their stored crops, as when nodes have begun to answer in another embedding space."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from cameras.encrypted import Undecryptable
from recognition.intake.submission import Unavailable
from recognition.node.messages import Answer, Face
from recognition.people.changes import gallery_changed
from recognition.people.embeddings import SPACE
from recognition.people.enrolment import central_face
from recognition.people.models import Template
from recognition.people.objections import EnrolmentRefused

MOST_UNANSWERED = 3  # in a row; then the nodes are left alone

UNANSWERED = "not tried, since no node answered for those before"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A template that was made anew, or would have been."""


@dataclass(frozen=True, slots=True)
class Left:
    """A template that stays as it was, and why; the reason names nobody."""

    reason: str


@dataclass(frozen=True, slots=True)
class Gone:
    """A template that was removed meanwhile."""


Attempt = Rebuilt | Left | Gone


def outdated_templates() -> list[int]:
    """Those that the gallery cannot compare, by id."""
    return _ids(Template.objects.exclude(space=SPACE))


def templates_of(space: str) -> list[int]:
    return _ids(Template.objects.filter(space=space))


def all_templates() -> list[int]:
    return _ids(Template.objects.all())


def _ids(templates: QuerySet[Template]) -> list[int]:
    return list(templates.order_by("pk").values_list("pk", flat=True))


def rebuild(templates: Sequence[int], recognise: Callable[[bytes], Answer], *, dry: bool) -> Iterator[Attempt]:
    """One attempt for each, in their order; what has been made anew by then stays if the caller stops.

    recognise: has a node look at a photo, and raises Unavailable. dry: nodes are asked, but nothing is changed.
    """
    unanswered = 0
    for template in templates:
        if unanswered >= MOST_UNANSWERED:
            yield Left(UNANSWERED)
            continue
        try:
            yield _rebuilt(template, recognise, dry=dry)
            unanswered = 0
        except Unavailable as why:
            unanswered += 1
            yield Left(str(why))
        except (EnrolmentRefused, Undecryptable) as why:
            unanswered = 0
            yield Left(str(why))


def _rebuilt(template: int, recognise: Callable[[bytes], Answer], *, dry: bool) -> Rebuilt | Gone:
    crop = Template.objects.filter(pk=template).values_list("crop", flat=True).first()
    if crop is None:
        return Gone()
    face = central_face(recognise(bytes(crop)))
    return Rebuilt() if dry or _replaced(template, face) else Gone()


def _replaced(template: int, face: Face) -> bool:
    rows = Template.objects.filter(pk=template)
    with transaction.atomic():
        # First: whoever records names locks the epoch's row before any other.
        gallery_changed(*rows.values_list("person_id", flat=True))
        return bool(rows.update(embedding=face.embedding, space=SPACE, quality=face.quality))
