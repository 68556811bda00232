"""What the upload page shows of the answer to a photo sent by hand."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recognition.intake.photo_header import read_photo_header
from recognition.intake.submission import HandResult
from recognition.live.messages import PersonMessage
from recognition.pages.overlay import Mark, marks
from recognition.people.decision import Verdict
from recognition.people.models import Person
from recognition.reasons import told
from recognition.sightings.models import Outcome

HEADLINES = {
    200: gettext_lazy("Recognised"),
    202: gettext_lazy("Still in work"),
    413: gettext_lazy("The photo is too large"),
    415: gettext_lazy("This is not a JPEG, PNG or WebP photo"),
    422: gettext_lazy("The photo cannot be read"),
    503: gettext_lazy("The nodes have no room just now"),
    504: gettext_lazy("Nobody got round to the photo in time"),
}
OTHER_HEADLINE = gettext_lazy("The photo was not taken")


@dataclass(frozen=True, slots=True)
class Answer:
    """`photo` is the picture as a data: address, empty when it was refused. `faces` are the API's."""

    done: bool
    headline: str
    detail: str
    body: dict[str, Any]
    photo: str = ""
    width_px: int = 0
    height_px: int = 0
    marks: tuple[Mark, ...] = ()


def answer_of(result: HandResult, photo: bytes) -> Answer:
    done = result.status == 200
    body = _named(result.body) if done else result.body
    plain = Answer(done, _headline(result), told(str(body.get("detail", ""))), body)
    return _with_picture(plain, photo) if done else plain


def _with_picture(answer: Answer, photo: bytes) -> Answer:
    header = read_photo_header(photo)
    return Answer(
        done=True,
        headline=answer.headline,
        detail="",
        body=answer.body,
        photo=f"data:image/{header.kind};base64,{b64encode(photo).decode()}",
        width_px=header.width_px,
        height_px=header.height_px,
        marks=tuple(marks(header.width_px, header.height_px, answer.body["faces"], numbered=True)),
    )


def _named(body: dict[str, Any]) -> dict[str, Any]:
    """The reply with the names of today. The API's own holds none; the outcome knows whose faces they are."""
    outcome = Outcome.objects.filter(snapshot=body["id"]).first()
    recorded = {tuple(face["box"]): face for face in outcome.faces} if outcome else {}
    people = Person.objects.in_bulk([face["person"] for face in recorded.values() if face["person"]])
    faces = [{**face, **_identity(recorded.get(tuple(face["box"])), people)} for face in body["faces"]]
    return {**body, "faces": faces}


def _identity(recorded: Mapping[str, Any] | None, people: Mapping[int, Person]) -> dict[str, Any]:
    if recorded is None:
        return {"person": None, "poor": False}
    return {"person": _person(people.get(recorded["person"])), "poor": recorded.get("verdict") == Verdict.POOR}


def _person(person: Person | None) -> PersonMessage | None:
    return {"id": person.pk, "name": person.name} if person else None


def _headline(result: HandResult) -> str:
    if result.status == 200 and result.body.get("cached"):
        return _("Answered from the cache")
    return str(HEADLINES.get(result.status, OTHER_HEADLINE))
