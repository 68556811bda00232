"""Enrolling a face: a node's answer about one photo becomes a template."""

import numpy as np
from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recognition.node.messages import Face, Recognition, Unreadable
from recognition.people.embeddings import SPACE, as_vector
from recognition.people.models import Person, Template
from recognition.reasons import told


class EnrolmentRefused(ValueError):
    """The photo cannot be enrolled; the message says why, in words for whoever chose the photo."""


class UnreadablePhoto(EnrolmentRefused):
    def __init__(self, reason: str) -> None:
        super().__init__(_("The photo cannot be read: %(reason)s") % {"reason": told(reason)})


class NoFace(EnrolmentRefused):
    def __init__(self) -> None:
        super().__init__(_("No face was found on the photo."))


class SeveralFaces(EnrolmentRefused):
    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(
            ngettext(
                "%(count)d face was found on the photo; one photo enrols one face.",
                "%(count)d faces were found on the photo; one photo enrols one face.",
                count,
            )
            % {"count": count}
        )


class UnusableFace(EnrolmentRefused):
    def __init__(self) -> None:
        super().__init__(_("The node answered with an embedding that the gallery cannot compare."))


def enrol(person: Person, answer: Recognition | Unreadable, digest: str, by: User | None) -> Template:
    """Saves the one face of `answer` as a template of `person`; raises EnrolmentRefused."""
    template = template_of(person, answer, digest, by)
    template.save()
    return template


def template_of(person: Person, answer: Recognition | Unreadable, digest: str, by: User | None) -> Template:
    """The same, not saved."""
    face = single_face(answer)
    return Template(
        person=person,
        embedding=face.embedding,
        space=SPACE,
        crop=face.thumbnail,
        quality=face.quality,
        digest=digest,
        created_by=by,
    )


def single_face(answer: Recognition | Unreadable) -> Face:
    if isinstance(answer, Unreadable):
        raise UnreadablePhoto(answer.reason)
    if not answer.faces:
        raise NoFace
    if len(answer.faces) > 1:
        raise SeveralFaces(len(answer.faces))
    return _comparable(answer, answer.faces[0])


def central_face(answer: Recognition | Unreadable) -> Face:
    """The face that a stored crop was cut around; others may look in from its edges. Raises EnrolmentRefused."""
    if isinstance(answer, Unreadable):
        raise UnreadablePhoto(answer.reason)
    if not answer.faces:
        raise NoFace
    return _comparable(answer, max(answer.faces, key=lambda face: (_covers_centre(answer, face), _area_px(face))))


def _covers_centre(answer: Recognition, face: Face) -> bool:
    left, top, width, height = face.box
    return left <= answer.width_px / 2 <= left + width and top <= answer.height_px / 2 <= top + height


def _area_px(face: Face) -> int:
    return face.box[2] * face.box[3]


def _comparable(answer: Recognition, face: Face) -> Face:
    # A single not-a-number in the gallery would be everybody's nearest template.
    if answer.space != SPACE or not np.isfinite(as_vector(face.embedding)).all():
        raise UnusableFace
    return face
