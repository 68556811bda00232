"""Enrolling a face: one verb for photos, webcams, sightings and imports, with the same checks for all."""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from django.contrib.admin.models import ADDITION, CHANGE
from django.db import transaction
from django.utils.translation import gettext as _

from recognition.node.messages import Answer, Face, Recognition, Unreadable
from recognition.people.authors import By
from recognition.people.embeddings import SPACE, as_vector
from recognition.people.fitness import Fitness
from recognition.people.gallery import live_gallery
from recognition.people.index import Gallery
from recognition.people.likeness import likeness
from recognition.people.models import Person, Template
from recognition.people.objections import EnrolmentRefused, Objection, Reason, refused

NOTHING: frozenset[Reason] = frozenset()


class PersonErased(Exception):
    """The person was erased since whoever enrols a face of theirs has looked."""

    def __init__(self) -> None:
        super().__init__(_("This person has been erased meanwhile."))


@dataclass(frozen=True, slots=True)
class NewFace:
    """A face that may be enrolled. digest: of the photo that it was found on."""

    embedding: bytes
    crop: bytes
    quality: float
    digest: str
    fitness: Fitness


def face_on(answer: Answer, digest: str) -> NewFace:
    """The one face on a photo, of which `answer` is a node's. Raises EnrolmentRefused."""
    face = _comparable(answer, *_faces(answer, several=False))
    return NewFace(face.embedding, face.thumbnail, face.quality, digest, Fitness.of(face))


def face_of_sighting(embedding: bytes, space: str, crop: bytes, quality: float) -> NewFace:
    """The best face of a sighting, whose photo is gone: of size and pose nothing is known. Raises EnrolmentRefused."""
    if not _is_comparable(embedding, space):
        raise refused(Reason.UNUSABLE)
    return NewFace(embedding, crop, quality, hashlib.sha256(crop).hexdigest(), Fitness(None, quality, None))


def enrol(
    person: Person,
    face: NewFace,
    by: By,
    source: Template.Source = Template.Source.UPLOAD,
    overrule: Collection[Reason] = NOTHING,
) -> Template:
    """Makes `face` a template of `person`, who is saved first if they are new.

    Raises EnrolmentRefused; PersonErased when they are not there any more.

    overrule: the limits to be passed over; of them, those that were broken are recorded. In a transaction of the
    caller's, nothing of anybody enrolled may have been changed before.
    """
    with transaction.atomic():
        template = template_of(person, face, by, source, overrule)
        if person.pk is None:
            person.save()
            by.note(person, ADDITION)
        template.person = person
        template.save()
        by.note(person, CHANGE, f"Template {template.pk} enrolled.")
    return template


def template_of(
    person: Person,
    face: NewFace,
    by: By,
    source: Template.Source = Template.Source.UPLOAD,
    overrule: Collection[Reason] = NOTHING,
) -> Template:
    """The same, but nothing is saved; within the transaction that will."""
    gallery = live_gallery().for_recording()  # from here on nobody is enrolled or erased beside this
    if person.pk is not None and not Person.objects.filter(pk=person.pk).exists():
        raise PersonErased
    found = list(_objections(gallery, person, face))
    standing = [one for one in found if one.reason not in overrule or not one.may_be_overruled]
    if standing:
        raise EnrolmentRefused(standing)
    return Template(
        person=person,
        source=source,
        embedding=face.embedding,
        space=SPACE,
        crop=face.crop,
        quality=face.quality,
        digest=face.digest,
        created_by=by.user,
        key_name=by.key_name,
        overruled=[objection.kept() for objection in found],
    )


def central_face(answer: Answer) -> Face:
    """The face that a stored crop was cut around; others may look in from its edges. Raises EnrolmentRefused."""
    faces = _faces(answer, several=True)
    assert isinstance(answer, Recognition)  # noqa: S101 (an unreadable photo has no faces)
    return _comparable(answer, max(faces, key=lambda face: (_covers_centre(answer, face), _area_px(face))))


def same_photo(digest: str) -> Objection | None:
    """Whose enrolled face is from this very photo already."""
    same = Template.objects.filter(digest=digest, says=Template.Says.IS).values_list("person_id", flat=True)
    enrolled = same.first()
    return None if enrolled is None else Objection(Reason.SAME_PHOTO, person_id=enrolled)


def _objections(gallery: Gallery, person: Person, face: NewFace) -> Iterator[Objection]:
    if same := same_photo(face.digest):
        yield same
        return
    yield from face.fitness.objections()
    yield from likeness(gallery, person.pk, as_vector(face.embedding))


def _faces(answer: Answer, *, several: bool) -> list[Face]:
    if isinstance(answer, Unreadable):
        raise refused(Reason.UNREADABLE, answer.reason)
    if not answer.faces:
        raise refused(Reason.NO_FACE)
    if len(answer.faces) > 1 and not several:
        raise refused(Reason.SEVERAL_FACES, count=len(answer.faces))
    return answer.faces


def _comparable(answer: Answer, face: Face) -> Face:
    if isinstance(answer, Unreadable) or not _is_comparable(face.embedding, answer.space):
        raise refused(Reason.UNUSABLE)
    return face


def _is_comparable(embedding: bytes, space: str) -> bool:
    """A single not-a-number in the gallery would be everybody's nearest template."""
    return space == SPACE and bool(np.isfinite(as_vector(embedding)).all())


def _covers_centre(answer: Recognition, face: Face) -> bool:
    left, top, width, height = face.box
    return left <= answer.width_px / 2 <= left + width and top <= answer.height_px / 2 <= top + height


def _area_px(face: Face) -> int:
    return face.box[2] * face.box[3]
