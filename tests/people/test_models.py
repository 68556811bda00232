"""People and watchlists as rows: names in any script, and two who edit one."""

import unicodedata
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from recognition.people.erasure import remove
from recognition.people.models import EditedMeanwhile, Person, Watchlist
from recognition.people.naming import normalised

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hub")]


@pytest.mark.parametrize(
    "name",
    ["x" * 300, "أنثى الأسد", "עדה לאבלייס", "👩🏽‍🚀 Ada 🏳️‍🌈", "می\u200cخواهم", "Ngô Bảo Châu", "\u200fرقم 7\u200e"],
    ids=["300 characters", "Arabic", "Hebrew", "emoji", "a joiner", "two marks on a letter", "direction marks"],
)
def test_a_name_may_be_in_any_script(name: str) -> None:
    person = Person(name=name)
    person.full_clean()
    person.save()
    assert Person.objects.get(name=name).name == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    "name",
    ["Ada\n", "A\tB", "Ada\x00", "Ada\x1b[31m", "\u202eadA", "Ada\u2066", "Ada\u2028Bob", "\u200b\u200d", "x" * 301],
)
def test_a_name_that_would_mislead_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        Person(name=name).full_clean()


def test_it_is_refused_without_a_form_too() -> None:
    with pytest.raises(ValidationError, match="turn the text around"):
        Person.objects.create(name="\u202eadA")
    with pytest.raises(ValidationError):
        Person.objects.bulk_create([Person(name="A\nB")])


def test_equal_names_are_equal_bytes() -> None:
    Person.objects.create(name="  Ame\u0301lie \u00a0 Nothomb ")
    assert Person.objects.get(name="Ame\u0301lie Nothomb").name == "Am\u00e9lie Nothomb"


@given(st.text())
def test_what_is_normalised_stays_as_it_is(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


def test_a_reference_number_is_one_persons() -> None:
    for _ in range(2):
        Person.objects.create(name="Without one")
    Person.objects.create(name="Ada", reference="0815")
    with pytest.raises(ValidationError, match="Another person has this reference number"):
        Person(name="Bob", reference="0815").full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.create(name="Bob", reference="0815")


class TestTwoWhoEditOnePerson:
    def test_the_second_saves_nothing_and_is_told(self) -> None:
        Person.objects.create(name="Ada")
        first, second = Person.objects.get(), Person.objects.get()
        first.name = "Ada L."
        first.save()
        second.note = "tall"
        with pytest.raises(EditedMeanwhile, match="Somebody else has changed this person"):
            second.save()
        saved = Person.objects.get()
        assert (saved.name, saved.note) == ("Ada L.", "")

    def test_one_may_save_as_often_as_they_like(self) -> None:
        ada = Person.objects.create(name="Ada")
        for name in ("Ada L.", "Ada Lovelace"):
            ada.name = name
            ada.save()
        ada.note = "tall"
        ada.save(update_fields=["note"])
        assert Person.objects.get().version == ada.version

    def test_whoever_was_erased_meanwhile_is_not_brought_back(self) -> None:
        ada = Person.objects.create(name="Ada")
        remove([Person.objects.get()])
        with pytest.raises(EditedMeanwhile):
            ada.save()
        assert not Person.objects.exists()


@pytest.mark.parametrize(("days", "holds"), [(None, True), (1, True), (-1, False)])
def test_people_and_watchlists_hold_until_they_expire(days: int | None, holds: bool) -> None:
    moment = None if days is None else timezone.now() + timedelta(days=days)
    assert Person(valid_until=moment).is_valid is holds
    assert Watchlist(expires_at=moment).is_in_force is holds
