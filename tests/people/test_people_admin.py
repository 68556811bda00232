import json
from collections.abc import Callable

import pytest
import redis
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from recognition.people.models import Person
from tests.faces import JPEG, camera, enrolled, sighting, template, vector
from tests.users import client_of

pytestmark = pytest.mark.django_db(transaction=True)

INLINE = {"templates-TOTAL_FORMS": "0", "templates-INITIAL_FORMS": "0"}


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
    enroller.post(page, {"name": "Ada L.", "note": "", **INLINE})
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
        "templates-TOTAL_FORMS": "1",
        "templates-INITIAL_FORMS": "1",
        "templates-0-id": face.pk,
        "templates-0-person": ada.pk,
        "templates-0-DELETE": "on",
    }
    enroller.post(reverse("admin:people_person_change", args=[ada.pk]), form)
    assert not ada.templates.exists()


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
