"""Why a photo is not enrolled: a typed reason with its numbers, and a sentence for whoever chose the photo."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recognition.people.models import Person
from recognition.reasons import told


class Reason(StrEnum):
    UNREADABLE = "unreadable"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    UNUSABLE = "unusable"  # the gallery cannot compare its embedding
    SAME_PHOTO = "same_photo"
    TOO_SMALL = "too_small"
    BLURRED = "blurred"
    TURNED_AWAY = "turned_away"
    LOOKS_LIKE = "looks_like"


# The limits that whoever may enrol may pass over, which is recorded on the template.
OVERRULABLE = frozenset({Reason.TOO_SMALL, Reason.BLURRED, Reason.TURNED_AWAY, Reason.LOOKS_LIKE})

_SENTENCES: Mapping[Reason, Promise] = {
    Reason.UNREADABLE: gettext_lazy("The photo cannot be read: %(detail)s"),
    Reason.NO_FACE: gettext_lazy("No face was found on the photo."),
    Reason.UNUSABLE: gettext_lazy("The node answered with an embedding that the gallery cannot compare."),
    Reason.SAME_PHOTO: gettext_lazy("This very photo is enrolled already: %(name)s."),
    Reason.TOO_SMALL: gettext_lazy("The face is %(face_px)d px wide, and %(limit)d px are needed."),
    Reason.BLURRED: gettext_lazy("The face is too blurred: sharpness %(sharpness).2f, and %(limit).2f is needed."),
    Reason.TURNED_AWAY: gettext_lazy("The face is turned away: %(turn).2f, and at most %(limit).2f is allowed."),
    Reason.LOOKS_LIKE: gettext_lazy("Looks like an enrolled person: %(name)s, distance %(distance).2f."),
}


@dataclass(frozen=True, slots=True)
class Objection:
    """numbers: what was measured and the limit it was held against. person_id: whom the photo or face is of already.

    Holds no name: that is asked for when the sentence is written, so that who was erased meanwhile is not named.
    """

    reason: Reason
    numbers: Mapping[str, float] = field(default_factory=dict)
    person_id: int | None = None
    detail: str = ""

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Objection":
        """Of what `kept` returned."""
        return cls(Reason(kept["reason"]), kept["numbers"], kept["person"], kept["detail"])

    def kept(self) -> dict[str, Any]:
        """As it is written down, beside a template or in an import's report."""
        numbers = {name: round(value, 4) for name, value in self.numbers.items()}
        return {"reason": self.reason.value, "numbers": numbers, "person": self.person_id, "detail": self.detail}

    @property
    def may_be_overruled(self) -> bool:
        return self.reason in OVERRULABLE

    @property
    def sentence(self) -> str:
        if self.reason is Reason.SEVERAL_FACES:
            return _several_faces(int(self.numbers["count"]))
        places = {**self.numbers, "detail": told(self.detail)}
        if self.person_id is not None:
            places["name"] = _name_of(self.person_id)
        return str(_SENTENCES[self.reason]) % places


def _several_faces(count: int) -> str:
    text = ngettext(
        "%(count)d face was found on the photo; one photo enrols one face.",
        "%(count)d faces were found on the photo; one photo enrols one face.",
        count,
    )
    return text % {"count": count}


def _name_of(person_id: int) -> str:
    name = Person.objects.filter(pk=person_id).values_list("name", flat=True).first()
    return name or _("somebody who was erased meanwhile")


class EnrolmentRefused(ValueError):
    """The photo is not enrolled. objections: every reason that was found and not overruled, at least one."""

    def __init__(self, objections: Iterable[Objection]) -> None:
        self.objections = tuple(objections)
        super().__init__(self.objections)

    def __str__(self) -> str:
        return " ".join(objection.sentence for objection in self.objections)

    @property
    def reasons(self) -> set[Reason]:
        return {objection.reason for objection in self.objections}

    @property
    def may_be_overruled(self) -> bool:
        return all(objection.may_be_overruled for objection in self.objections)


def refused(reason: Reason, detail: str = "", **numbers: float) -> EnrolmentRefused:
    return EnrolmentRefused([Objection(reason, numbers, detail=detail)])
