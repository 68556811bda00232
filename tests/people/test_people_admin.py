import json
from collections.abc import Callable

import pytest
import redis
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from recognition.people.admin import PersonForm
from recognition.people.models import Membership, Person, Watchlist
from tests.faces import JPEG, camera, enrolled, sighting, template, vector
from tests.users import client_of

pytestmark = pytest.mark.django_db(transaction=True)

INLINE = {
    f"{inline}-{forms}": "0" for inline in ("templates", "memberships") for forms in ("TOTAL_FORMS", "INITIAL_FORMS")
}


@pytest.fixture
def ada(hub: redis.Redis) -> Person:
    """Enrolled, with a sighting."""
    ada = enrolled("Ada", vector(1))
    sighting(camera(), ada)
    return ada


@pytest.fixture
def enroller(hub: redis.Redis) -> Client:
    return client_of("enroller")


def said(answer: HttpResponse) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))  # type: ignore[attr-defined]


def erase_on_its_page(client: Client, ada: Person) -> HttpResponse:
    return client.post(reverse("admin:people_person_delete", args=[ada.pk]), {"post": "yes"})  # type: ignore[return-value]


def erase_by_the_action(client: Client, ada: Person) -> HttpResponse:
    chosen = {"action": "delete_selected", "_selected_action": [ada.pk], "post": "yes"}
    return client.post(reverse("admin:people_person_changelist"), chosen)  # type: ignore[return-value]


@pytest.mark.parametrize("erased", [erase_on_its_page, erase_by_the_action])
def test_deleting_in_the_admin_erases_and_says_who_confirmed(
    enroller: Client, ada: Person, erased: Callable[[Client, Person], HttpResponse]
) -> None:
    answer = erased(enroller, ada)
    assert answer.status_code == 302
    assert not Person.objects.exists()
    assert "0 processes have confirmed" in said(answer)


def test_the_admins_log_names_nobody(enroller: Client) -> None:
    enroller.post(reverse("admin:people_person_add"), {"name": "Ada", "note": "", **INLINE})
    ada = Person.objects.get()
    template(ada, vector(1))
    page = reverse("admin:people_person_change", args=[ada.pk])
    enroller.post(page, {"name": "Ada L.", "note": "", "version": ada.version, **INLINE})
    erase_on_its_page(enroller, ada)
    entries = LogEntry.objects.all()
    assert {entry.object_repr for entry in entries} == {f"person {ada.pk}"}
    assert entries.count() == 3
    assert "Ada" not in json.dumps([entry.change_message for entry in entries])


def test_a_persons_page_shows_the_enrolled_faces(enroller: Client, ada: Person) -> None:
    page = enroller.get(reverse("admin:people_person_change", args=[ada.pk])).content.decode()
    face = ada.templates.get()
    assert f'src="{reverse("template-crop", args=[face.pk])}"' in page
    assert reverse("admin:people_person_enrol_face", args=[ada.pk]) in page


def test_a_template_is_removed_on_its_persons_page(enroller: Client, ada: Person) -> None:
    face = ada.templates.get()
    form = {
        "name": "Ada",
        "note": "",
        "version": ada.version,
        **INLINE,
        "templates-TOTAL_FORMS": "1",
        "templates-INITIAL_FORMS": "1",
        "templates-0-id": face.pk,
        "templates-0-person": ada.pk,
        "templates-0-DELETE": "on",
    }
    enroller.post(reverse("admin:people_person_change", args=[ada.pk]), form)
    assert not ada.templates.exists()


def joining(watchlist: Watchlist, **fields: object) -> dict[str, object]:
    """What the form of a person's page sends to put them on a list."""
    row = {"watchlist": watchlist.pk, "since_0": "2026-03-01", "since_1": "12:00:00", **fields}
    return {**INLINE, "memberships-TOTAL_FORMS": "1", **{f"memberships-0-{name}": value for name, value in row.items()}}


def test_a_person_is_put_on_a_watchlist_and_by_whom_is_kept(enroller: Client, ada: Person) -> None:
    barred = Watchlist.objects.create(name="Barred", kind=Watchlist.Kind.BARRED)
    form = {"name": "Ada", "version": ada.version, **joining(barred, reason="Stole a horse")}
    enroller.post(reverse("admin:people_person_change", args=[ada.pk]), form)
    membership = ada.memberships.get()
    assert (membership.watchlist, membership.reason) == (barred, "Stole a horse")
    assert membership.added_by == get_user(enroller)


def test_nobody_is_barred_without_a_reason(enroller: Client, ada: Person) -> None:
    barred = Watchlist.objects.create(name="Barred", kind=Watchlist.Kind.BARRED)
    form = {"name": "Ada", "version": ada.version, **joining(barred, reason=" ")}
    answer = enroller.post(reverse("admin:people_person_change", args=[ada.pk]), form)
    assert "Say why this person is barred." in answer.content.decode()
    assert not ada.memberships.exists()


def test_of_two_who_edit_a_person_the_second_is_told_and_saves_nothing(enroller: Client, ada: Person) -> None:
    page = reverse("admin:people_person_change", args=[ada.pk])
    assert f'name="version" value="{ada.version}"' in enroller.get(page).content.decode()
    enroller.post(page, {"name": "Ada L.", "version": ada.version, **INLINE})
    answer = enroller.post(page, {"name": "Ada K.", "version": ada.version, **INLINE})
    assert "Somebody else has changed this person" in answer.content.decode()
    assert Person.objects.get().name == "Ada L."


def test_whoever_comes_in_between_is_told_of_too(
    enroller: Client, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the form has been checked, before it is saved."""
    page = reverse("admin:people_person_change", args=[ada.pk])
    checked = PersonForm.clean

    def check_and_change(form: PersonForm) -> None:
        checked(form)
        Person.objects.get(pk=ada.pk).save()

    monkeypatch.setattr(PersonForm, "clean", check_and_change)
    answer = enroller.post(page, {"name": "Ada K.", "version": ada.version, **INLINE}, follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert "Somebody else has changed this person" in answer.content.decode()
    assert Person.objects.get().name == "Ada"


def test_a_list_does_not_become_one_of_barred_people_without_their_reasons(ada: Person) -> None:
    staff = Watchlist.objects.create(name="Staff")
    Membership.objects.create(person=ada, watchlist=staff)
    form = {"name": "Staff", "kind": "barred", "colour": "red"}
    page = reverse("admin:people_watchlist_change", args=[staff.pk])
    assert "1 person is on this list without a reason" in client_of("administrator").post(page, form).content.decode()
    Membership.objects.update(reason="Stole a horse")
    assert client_of("administrator").post(page, form).status_code == 302


@pytest.mark.parametrize(
    ("role", "status"),
    [("viewer", 403), ("operator", 403), ("enroller", 200), ("auditor", 200), ("administrator", 200)],
)
def test_enrolled_faces_are_shown_to_those_who_look_after_people(ada: Person, role: str, status: int) -> None:
    answer = client_of(role).get(reverse("template-crop", args=[ada.templates.get().pk]))
    assert answer.status_code == status
    assert (answer.content == JPEG) == (status == 200)


def test_a_stranger_asking_for_an_enrolled_face_is_sent_to_the_log_in_page(ada: Person) -> None:
    assert Client().get(reverse("template-crop", args=[ada.templates.get().pk])).status_code == 302
