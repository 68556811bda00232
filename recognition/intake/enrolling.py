"""Enrolling by a photo: a node recognises it, never the process that was sent it."""

import hashlib
from collections.abc import Collection

from django.conf import settings
from django.utils.translation import gettext as _

from recognition.intake.submission import recognise_now
from recognition.node.messages import Purpose
from recognition.people.authors import By
from recognition.people.enrolment import NOTHING, NewFace, enrol, face_on
from recognition.people.models import Person, Template
from recognition.people.objections import Reason, refused

ENROL_WAIT_S = 20.0


def enrol_photo(
    person: Person,
    photo: bytes,
    by: By,
    source: Template.Source = Template.Source.UPLOAD,
    overrule: Collection[Reason] = NOTHING,
) -> Template:
    """Makes the one face on `photo` a template of `person`, who is saved first if they are new.

    Raises EnrolmentRefused, or Unavailable when no node answers. Stands outside of any transaction: the collector has
    to record the outcome meanwhile.
    """
    return enrol(person, face_on_photo(photo), by, source, overrule)


def face_on_photo(photo: bytes) -> NewFace:
    """What a node says of the one face on `photo`; the same that `enrol_photo` raises."""
    if len(photo) > settings.PHOTO_LIMIT_BYTES:
        raise refused(Reason.UNREADABLE, too_large())
    return face_on(recognise_now(photo, Purpose.ENROL, ENROL_WAIT_S), digest_of(photo))


def digest_of(photo: bytes) -> str:
    return hashlib.sha256(photo).hexdigest()


def too_large() -> str:
    return _("it is larger than %(limit)d MB.") % {"limit": settings.PHOTO_LIMIT_BYTES // 1_000_000}
