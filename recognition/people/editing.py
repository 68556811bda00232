"""Changing who is enrolled and why they matter, for pages, API and imports: each verb is one transaction."""

from collections.abc import Mapping

from django.contrib.admin.models import ADDITION, CHANGE, DELETION
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from cameras.epochs import GALLERY, hold
from recognition.people.authors import By
from recognition.people.erasure import remove
from recognition.people.models import EditedMeanwhile, Membership, Person, Template, Watchlist

Lists = Mapping[int, str]  # the watchlists that somebody is on, with the reason for each


def save_person(person: Person, lists: Lists | None, by: By, version: int | None = None) -> None:
    """Saves a person, new or changed, and puts them on `lists` and no others; None leaves those as they are.

    version: of the person that whoever changed them has seen. Raises EditedMeanwhile if it is not theirs any more,
    ValidationError for what does not fit.
    """
    is_new = person.pk is None
    if version is not None and version != person.version:
        raise EditedMeanwhile
    person.full_clean()
    with transaction.atomic():
        hold(GALLERY)
        person.save()
        if lists is not None:
            put_on_lists(person, lists, by)
        by.note(person, ADDITION if is_new else CHANGE)


def put_on_lists(person: Person, lists: Lists, by: By) -> None:
    """Puts a person on `lists` and takes them off all others, in the caller's transaction. Raises ValidationError."""
    on = {membership.watchlist_id: membership for membership in person.memberships.all()}
    for watchlist in on.keys() - lists.keys():
        on[watchlist].delete()
    found = Watchlist.objects.in_bulk(lists)
    if missing := lists.keys() - found.keys():
        raise ValidationError({"watchlists": _("There is no watchlist %(number)s.") % {"number": min(missing)}})
    for number, reason in lists.items():
        membership = on.get(number) or Membership(person=person, watchlist=found[number], added_by=by.user)
        if membership.pk is None or membership.reason != reason.strip():
            _save_membership(membership, reason)


def _save_membership(membership: Membership, reason: str) -> None:
    membership.reason = reason
    try:
        membership.full_clean()
    except ValidationError as why:
        told = " ".join(why.messages)
        raise ValidationError({"watchlists": f"{membership.watchlist}: {told}"}) from None
    membership.save()


def remove_template(template: Template, by: By) -> None:
    with transaction.atomic():
        hold(GALLERY)
        by.note(template.person, CHANGE, f"Template {template.pk} removed.")
        template.delete()


def remove_person(person: Person, by: By) -> int:
    """The first half of an erasure; see `erasure.remove`."""
    with transaction.atomic():
        hold(GALLERY)
        by.note(person, DELETION)
        return remove([person])


def save_watchlist(watchlist: Watchlist, by: By) -> None:
    """Raises ValidationError."""
    is_new = watchlist.pk is None
    watchlist.full_clean()
    with transaction.atomic():
        hold(GALLERY)
        watchlist.save()
        by.note(watchlist, ADDITION if is_new else CHANGE)


def remove_watchlist(watchlist: Watchlist, by: By) -> None:
    """Its people stay."""
    with transaction.atomic():
        hold(GALLERY)
        by.note(watchlist, DELETION)
        watchlist.delete()
