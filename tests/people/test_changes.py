"""A process that takes over changes must come to the same as one that loads everything."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cameras.epochs import GALLERY, advance, current
from recognition.people import index
from recognition.people.changes import MOST_AT_ONCE, changed_since, gallery_changed
from recognition.people.embeddings import SPACE
from recognition.people.erasure import remove
from recognition.people.index import Gallery
from recognition.people.loading import caught_up, load_gallery
from recognition.people.models import GalleryChange, Membership, Person, Template, Watchlist
from tests.faces import enrolled, template, vector, veto

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hub")]


def loaded() -> Gallery:
    return load_gallery(current(GALLERY))


def content(gallery: Gallery) -> dict[str, Any]:
    """All that a gallery says, whichever way its templates are laid out."""
    templates = [
        (int(person), bool(veto), row.tobytes())
        for block in (gallery.old, gallery.new)
        for row, person, veto, square in zip(block.matrix, block.person_ids, block.vetoes, block.squares, strict=True)
        if np.isfinite(square)
    ]
    lists = {person: sorted(gallery.watchlists.keys() & on) for person, on in gallery.watchlists_of.items()}
    return {
        "epoch": gallery.epoch,
        "templates": sorted(templates),
        "names": gallery.names,
        "valid_until": gallery.valid_until,
        "watchlists": gallery.watchlists,
        "lists": {person: on for person, on in lists.items() if on},
    }


def some_person(number: int) -> Person | None:
    people = list(Person.objects.order_by("pk"))
    return people[number % len(people)] if people else None


def some_watchlist(number: int) -> Watchlist:
    return Watchlist.objects.get_or_create(name=f"list {number % 3}")[0]


def rename(person: Person, number: int) -> None:
    person.name = f"renamed {number}"
    person.save()


def limit(person: Person, number: int) -> None:
    person.valid_until = timezone.now() + timedelta(days=number) if number % 2 else None
    person.save()


def put_on_list(person: Person, number: int) -> None:
    Membership.objects.get_or_create(person=person, watchlist=some_watchlist(number))


def change_list(_: Person, number: int) -> None:
    watchlist = some_watchlist(number)
    watchlist.threshold = 0.3 + number / 100
    watchlist.save()


CHANGES: dict[str, Callable[[Person, int], object]] = {
    "enrol": lambda _, number: enrolled(f"person {number}", vector(number)),
    "one more": lambda person, number: template(person, vector(number)),
    "veto": lambda person, number: veto(person, vector(number)),
    "one less": lambda person, _: (found := person.templates.first()) and found.delete(),
    "none left": lambda person, _: person.templates.all().delete(),
    "erase": lambda person, _: remove([person]),
    "rename": rename,
    "limit": limit,
    "on a list": put_on_list,
    "add to a list": lambda person, number: person.watchlists.add(some_watchlist(number)),
    "off its lists": lambda person, _: person.watchlists.clear(),
    "change a list": change_list,
    "drop a list": lambda _, number: some_watchlist(number).delete(),
}


@given(st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 9), st.booleans()), max_size=12))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_changes_taking_it_over_comes_to_loading_everything(changes: list[tuple[str, int, bool]]) -> None:
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "JOINED_FROM_ROWS", 3)
        for seed in range(4):
            enrolled(f"person {seed}", vector(seed), vector(100 + seed))
        held = loaded()
        for kind, number, looks in changes:
            if (person := some_person(number)) is not None:
                CHANGES[kind](person, number)
            if looks:
                held = caught_up(held, current(GALLERY))
        assert content(caught_up(held, current(GALLERY))) == content(loaded())
        transaction.set_rollback(True)


def test_who_saves_a_person_locks_the_epoch_before_the_persons_row() -> None:
    """As who erases and who records do: otherwise each could wait for the other."""
    ada = enrolled("Ada", vector(1))
    for save in (ada.save, lambda: template(ada, vector(2))):
        with CaptureQueriesContext(connection) as queries:
            save()
        touched = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
        assert 'FROM "cameras_epoch"' in touched[0]


def test_one_enrolment_reads_the_templates_of_one_person() -> None:
    for seed in range(5):
        enrolled(f"person {seed}", vector(seed))
    held = loaded()
    ada = enrolled("Ada", vector(9))
    with CaptureQueriesContext(connection) as queries:
        after = caught_up(held, current(GALLERY))
    (read,) = [query["sql"] for query in queries if "embedding" in query["sql"]]
    assert f'"person_id" IN ({ada.pk})' in read
    assert after.old.matrix is held.old.matrix
    assert after.nearest(vector(9)[None], SPACE)[0][0].person_id == ada.pk


def test_the_gallery_of_before_stays_as_it_was() -> None:
    ada = enrolled("Ada", vector(1))
    held = loaded()
    before = content(held)
    template(ada, vector(2))
    caught_up(held, current(GALLERY))
    remove([ada])
    caught_up(held, current(GALLERY))
    assert content(held) == before


def test_the_log_names_whom_each_epoch_is_about() -> None:
    ada = enrolled("Ada", vector(1))
    held = current(GALLERY)
    assert changed_since(held, held) == set()
    bob = enrolled("Bob", vector(2))
    Watchlist.objects.create(name="Staff")
    assert changed_since(held, current(GALLERY)) == {bob.pk}
    remove([ada])
    assert changed_since(held, current(GALLERY)) == {ada.pk, bob.pk}


def test_an_erased_person_is_told_of_once_not_once_for_each_template() -> None:
    ada = enrolled("Ada", vector(1), vector(2), vector(3))
    before = current(GALLERY)
    ada.delete()
    assert current(GALLERY) == before + 1


def test_dropping_a_watchlist_is_one_change_however_many_are_on_it() -> None:
    staff = Watchlist.objects.create(name="Staff")
    for name in ("Ada", "Bob"):
        Membership.objects.create(person=enrolled(name, vector(1)), watchlist=staff)
    before = current(GALLERY)
    staff.delete()
    assert current(GALLERY) == before + 1


@pytest.mark.parametrize("how", ["pruned", "moved on without the log", "too many", "never loaded"])
def test_what_the_log_cannot_tell_is_loaded_anew(how: str) -> None:
    held = loaded()
    enrolled("Ada", vector(1))
    if how == "pruned":
        GalleryChange.objects.order_by("epoch")[:1].get().delete()
    elif how == "moved on without the log":
        advance(GALLERY)
    elif how == "too many":
        gallery_changed(*range(MOST_AT_ONCE + 1))
    else:
        held = Gallery(index.UNKNOWN_EPOCH)
    assert changed_since(held.epoch, current(GALLERY)) is None
    assert content(caught_up(held, current(GALLERY))) == content(loaded())


def test_a_change_that_is_rolled_back_leaves_no_trace() -> None:
    enrolled("Ada", vector(1))
    before = current(GALLERY), GalleryChange.objects.count()
    with transaction.atomic():
        enrolled("Bob", vector(2))
        transaction.set_rollback(True)
    assert (current(GALLERY), GalleryChange.objects.count()) == before


def test_someone_without_templates_is_in_no_gallery() -> None:
    enrolled("Ada")
    assert loaded().names == {}


def test_a_person_is_known_by_each_of_their_templates() -> None:
    ada, bob = enrolled("Ada", vector(1), vector(2)), enrolled("Bob", vector(3))
    found = loaded().nearest(np.stack([vector(seed) for seed in (2, 3, 1)]), SPACE)
    assert [near[0].person_id for near in found] == [ada.pk, bob.pk, ada.pk]
    assert loaded().names == {ada.pk: "Ada", bob.pk: "Bob"}


def test_templates_of_other_spaces_are_not_loaded() -> None:
    Template.objects.filter(person=enrolled("Ada", vector(1))).update(space="other-space")
    assert len(loaded()) == 0
