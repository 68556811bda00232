"""Enrolling the photos of an import: many in work at nodes at once, one after the other into the gallery."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import transaction

from recognition.imports.people_list import Named
from recognition.imports.refusals import FileReason, FileRefused
from recognition.people.authors import By
from recognition.people.editing import put_on_lists
from recognition.people.enrolment import NewFace, PersonErased, enrol
from recognition.people.models import Person, Watchlist
from recognition.people.objections import Reason


def check_named(named: Named) -> None:
    """Raises FileRefused for a name or reference number that nobody may have."""
    try:
        Person(name=named.name, reference=named.reference).clean_fields(exclude=["note", "valid_until"])
    except ValidationError as why:
        raise FileRefused(FileReason.BAD_NAME, " ".join(why.messages)) from None


def find_person(named: Named) -> Person | None:
    """Who is enrolled already: by the reference number where there is one, else by the name. Raises FileRefused."""
    if named.reference:
        return Person.objects.filter(reference=named.reference).first()
    found = list(Person.objects.filter(name=named.name)[:2])
    if len(found) > 1:
        raise FileRefused(FileReason.SAME_NAME)
    return found[0] if found else None


def enrol_named(named: Named, person: Person | None, face: NewFace, by: By, overrule: Collection[Reason]) -> Person:
    """Enrols a face of `person`, or where there is none of who is called so; makes them if nobody is.

    Raises EnrolmentRefused; FileRefused, also when `person` was erased.
    """
    try:
        with transaction.atomic():
            person = person or find_person(named) or Person(name=named.name, reference=named.reference)
            enrol(person, face, by, overrule=overrule)
            if named.lists:
                _add_to_lists(person, named.lists, by)
    except PersonErased:
        raise FileRefused(FileReason.ERASED) from None
    except ValidationError as why:
        raise FileRefused(FileReason.BAD_LIST, " ".join(why.messages)) from None
    return person


def _add_to_lists(person: Person, lists: dict[str, str], by: By) -> None:
    """Takes nobody off a list. Raises ValidationError, FileRefused."""
    numbers = dict(Watchlist.objects.filter(name__in=lists).values_list("name", "pk"))
    if unknown := lists.keys() - numbers.keys():
        raise FileRefused(FileReason.BAD_LIST, min(unknown))
    held = dict(person.memberships.values_list("watchlist_id", "reason"))
    wanted = {
        **held,
        **{numbers[name]: reason for name, reason in lists.items() if reason or numbers[name] not in held},
    }
    if wanted != held:
        put_on_lists(person, wanted, by)
