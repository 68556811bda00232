"""The gallery as the database holds it: all of it, or the changes since an epoch."""

from collections import defaultdict
from collections.abc import Collection
from math import inf

import numpy as np

from recognition.people.block import Block
from recognition.people.changes import changed_since
from recognition.people.embeddings import SPACE, as_matrix
from recognition.people.index import Enrolled, Gallery, ListedRules
from recognition.people.models import Membership, Person, Template, Watchlist


def load_gallery(epoch: int) -> Gallery:
    """What the database holds now.

    `epoch` must have been read before: newer content under an older number is loaded once more at the next look,
    older content under a newer number would stay.
    """
    return Gallery.of(epoch, _enrolled(None), _watchlists())


def caught_up(held: Gallery, epoch: int) -> Gallery:
    """The same, reading only what has changed since `held` where the change log tells."""
    changed = changed_since(held.epoch, epoch)
    if changed is None:
        return load_gallery(epoch)
    return held.changed(epoch, changed, _enrolled(changed) if changed else Enrolled(), _watchlists())


def _enrolled(persons: Collection[int] | None) -> Enrolled:
    """None: of everybody. Who is erased between two of these queries is in the log of a later epoch."""
    people, members, templates = Person.objects.all(), Membership.objects.all(), Template.objects.filter(space=SPACE)
    if persons is not None:
        people, members = people.filter(pk__in=persons), members.filter(person__in=persons)
        templates = templates.filter(person__in=persons)
    rows = list(templates.values_list("person_id", "says", "embedding"))
    with_templates = {person for person, *_ in rows}
    names, valid_until = {}, {}
    for person, name, until in people.values_list("pk", "name", "valid_until"):
        if person in with_templates:
            names[person] = name
            if until is not None:
                valid_until[person] = until.timestamp()
    lists = defaultdict(list)
    for person, watchlist in members.values_list("person_id", "watchlist_id"):
        lists[person].append(watchlist)
    rows = [row for row in rows if row[0] in names]
    templates_of_them = Block.of(
        as_matrix([bytes(embedding) for _, _, embedding in rows]),
        np.array([person for person, *_ in rows], np.int64),
        np.array([says == Template.Says.IS_NOT for _, says, _ in rows], np.bool_),
    )
    return Enrolled(names, valid_until, {person: tuple(on) for person, on in lists.items()}, templates_of_them)


def _watchlists() -> dict[int, ListedRules]:
    """Few, so all of them are read at each change."""
    rows = Watchlist.objects.values_list("pk", "threshold", "expires_at")
    return {pk: ListedRules(threshold, expires.timestamp() if expires else inf) for pk, threshold, expires in rows}
