"""The pages about people: finding, adding, editing, erasing, and enrolling without a script."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from recognition.engine import Face
from recognition.people.models import Membership, Person, Template, Watchlist
from tests.faces import camera, enrolled, sighting, vector
from tests.mall import Mall, all_working
from tests.pages.conftest import SignedIn
from tests.pages.page import read
from tests.photos import photo
from tests.recognizers import StubRecognizer, fit_face
from tests.users import client_of

EMPTY, TINY = photo(), photo()
READS = {"enroller": 200, "administrator": 200, "auditor": 200, "viewer": 403, "operator": 403}
CHANGES = {"enroller": 200, "administrator": 200, "auditor": 403, "viewer": 403, "operator": 403}

pytestmark = pytest.mark.usefixtures("hub")


@pytest.fixture
def enroller(signed_in: SignedIn) -> Client:
    return signed_in("enroller")


def names(content: bytes) -> list[str]:
    return read(content).texts(class_="person-row__name")


def typed(content: bytes) -> dict[str, str]:
    """What stands in the fields of the form."""
    inputs = (one.attributes for one in read(content).elements if one.tag == "input" and "name" in one.attributes)
    return {one["name"]: one.get("value", "") for one in inputs}


class TestTheList:
    @pytest.mark.parametrize(("role", "status"), READS.items())
    def test_it_is_for_those_who_may_see_people(self, signed_in: SignedIn, role: str, status: int) -> None:
        client = signed_in(role)
        assert client.get("/people").status_code == status
        assert (b'href="/people"' in client.get("/").content) == (status == 200)

    def test_it_shows_faces_lists_and_who_has_expired(self, enroller: Client) -> None:
        ada = enrolled("Ada", vector(1))
        ada.watchlists.add(Watchlist.objects.create(name="Guests", colour="violet"))
        Person.objects.create(name="Bob", valid_until="2020-01-01T00:00Z")
        page = read(enroller.get("/people").content)
        assert [one.attributes["src"] for one in page.all(class_="crop")][:1] == [
            f"/media/people/{ada.templates.get().pk}/crop"
        ]
        assert page.texts(data_colour="violet") == ["Guests"]
        assert page.texts(class_="badge badge--warn") == ["expired"]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("search=LOVE", ["Ada Lovelace"]),
            ("search=7-x", ["Bob"]),
            ("validity=expired", ["Bob"]),
            ("validity=valid", ["Ada Lovelace"]),
            ("watchlist=nonsense&page=-3", ["Ada Lovelace", "Bob"]),
            ("search=nobody", []),
        ],
    )
    def test_people_are_found(self, enroller: Client, query: str, found: list[str]) -> None:
        Person.objects.create(name="Ada Lovelace")
        Person.objects.create(name="Bob", reference="7-X", valid_until="2020-01-01T00:00Z")
        assert names(enroller.get(f"/people?{query}").content) == found

    def test_people_are_found_by_their_list(self, enroller: Client) -> None:
        guests = Watchlist.objects.create(name="Guests")
        enrolled("Ada").watchlists.add(guests)
        enrolled("Bob")
        assert names(enroller.get(f"/people?watchlist={guests.pk}").content) == ["Ada"]

    def test_the_next_page_comes_when_it_is_scrolled_to(self, enroller: Client) -> None:
        Person.objects.bulk_create(Person(name=f"Person {number:02}") for number in range(61))
        content = enroller.get("/people?search=person").content
        (more,) = re.findall(rb'hx-get="/people\?(.+?)"', content)
        following = enroller.get(
            "/people?" + more.decode().replace("&amp;", "&"), headers={"HX-Request": "true"}
        ).content
        assert names(following) == ["Person 60"]
        assert b"<html" not in following

    def test_going_back_in_the_browser_brings_the_whole_page(self, enroller: Client) -> None:
        headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
        assert b"<html" in enroller.get("/people", headers=headers).content


class TestAddingAndEditing:
    @pytest.mark.parametrize(("role", "status"), CHANGES.items())
    def test_it_is_for_those_who_may_enrol(self, signed_in: SignedIn, role: str, status: int) -> None:
        ada, client = enrolled("Ada"), signed_in(role)
        asked = [client.get(f"/people/{path}").status_code for path in ("new", f"{ada.pk}/edit", f"{ada.pk}/erase")]
        assert asked == [status] * 3

    def test_a_person_is_added_with_their_lists(self, enroller: Client) -> None:
        barred = Watchlist.objects.create(name="Barred", kind="barred")
        fields = {"name": " Ada  L. ", "reference": "7", f"on_{barred.pk}": "on", f"reason_{barred.pk}": "shoplifting"}
        answer = enroller.post("/people/new", fields)
        ada = Person.objects.get()
        assert answer["Location"] == f"/people/{ada.pk}"
        assert (ada.name, ada.reference, ada.memberships.get().reason) == ("Ada L.", "7", "shoplifting")
        assert ada.memberships.get().added_by is not None
        assert LogEntry.objects.get().object_repr == f"person {ada.pk}"

    def test_being_barred_needs_a_reason(self, enroller: Client) -> None:
        barred = Watchlist.objects.create(name="Barred", kind="barred")
        content = enroller.post("/people/new", {"name": "Ada", f"on_{barred.pk}": "on"}).content
        assert b"Barred: Say why this person is barred." in content
        assert typed(content)["name"] == "Ada"
        assert not Person.objects.exists()

    @pytest.mark.parametrize("name", ["x" * 301, "", "\u200b", "a\u202eb"])
    def test_a_name_that_cannot_be_is_refused_beside_its_field(self, enroller: Client, name: str) -> None:
        content = enroller.post("/people/new", {"name": name}).content
        assert len(read(content).all(class_="form__error")) == 1

    @pytest.mark.parametrize("name", ["x" * 300, "محمد الفاتح", "李 小龙", "Zoë 🧑‍🚀", "<b>Ada</b>"])
    def test_any_name_that_people_have_is_shown_as_it_is(self, enroller: Client, name: str) -> None:
        address = enroller.post("/people/new", {"name": name})["Location"]
        assert read(enroller.get(address).content).texts(class_="person__name") == [name]
        assert names(enroller.get("/people").content) == [name]

    def test_a_changed_person_is_saved_and_taken_off_lists(self, enroller: Client) -> None:
        ada = enrolled("Ada")
        ada.watchlists.add(Watchlist.objects.create(name="Guests"))
        form = typed(enroller.get(f"/people/{ada.pk}/edit").content)
        del form[f"on_{Watchlist.objects.get().pk}"]
        enroller.post(f"/people/{ada.pk}/edit", {**form, "name": "Ada L."})
        assert (Person.objects.get().name, Membership.objects.count()) == ("Ada L.", 0)


class TestTwoAtOnce:
    @pytest.fixture
    def ada(self, db: None) -> Person:
        return Person.objects.create(name="Ada", note="tall")

    def test_the_second_is_told_and_loses_nothing_of_what_they_typed(self, enroller: Client, ada: Person) -> None:
        form = typed(enroller.get(f"/people/{ada.pk}/edit").content)
        enroller.post(f"/people/{ada.pk}/edit", {**form, "name": "Ada L.", "note": "tall"})
        answer = enroller.post(f"/people/{ada.pk}/edit", {**form, "name": "Ada K.", "note": "very tall"})
        assert answer.status_code == 409
        assert b"Somebody else has changed this person" in answer.content
        assert (typed(answer.content)["name"], b"very tall" in answer.content) == ("Ada K.", True)
        assert [(one.label, one.stored) for one in answer.context["form"].differences] == [
            ("Name", "Ada L."),
            ("Note", "tall"),
        ]
        assert Person.objects.get().name == "Ada L."

    def test_saving_once_more_puts_the_second_in_place(self, enroller: Client, ada: Person) -> None:
        form = typed(enroller.get(f"/people/{ada.pk}/edit").content)
        enroller.post(f"/people/{ada.pk}/edit", {**form, "name": "Ada L."})
        again = typed(enroller.post(f"/people/{ada.pk}/edit", {**form, "name": "Ada K."}).content)
        enroller.post(f"/people/{ada.pk}/edit", again)
        assert Person.objects.get().name == "Ada K."

    def test_what_was_typed_about_somebody_who_is_gone_may_be_kept(self, enroller: Client, ada: Person) -> None:
        address = f"/people/{ada.pk}/edit"
        form = typed(enroller.get(address).content)
        ada.delete()
        answer = enroller.post(address, {**form, "name": "Ada K."})
        assert answer.status_code == 404
        assert read(answer.content).all(action="/people/new")
        assert typed(answer.content)["name"] == "Ada K."


class TestErasing:
    def test_the_question_names_what_goes(self, enroller: Client) -> None:
        ada = enrolled("Ada", vector(1), vector(2))
        sighting(camera("gate-9", "vault"), ada)
        page = read(enroller.get(f"/people/{ada.pk}/erase").content)
        assert [one.text for one in page.elements if "data-goes" in one.attributes] == [
            "2 enrolled faces",
            "1 sightings",
            "0 alerts",
            "0 entries on watchlists",
        ]
        assert Person.objects.exists()

    def test_it_says_who_has_confirmed(self, enroller: Client) -> None:
        ada = enrolled("Ada", vector(1))
        content = enroller.post(f"/people/{ada.pk}/erase", follow=True).content
        assert b"Erased: 0 processes have confirmed" in content
        assert not Person.objects.exists()

    def test_the_log_says_which_number_and_no_name(self, enroller: Client) -> None:
        ada = enrolled("Ada", vector(1))
        enroller.post(f"/people/{ada.pk}/erase")
        assert (LogEntry.objects.get().object_repr, LogEntry.objects.get().action_flag) == (f"person {ada.pk}", 3)


class TestFaces:
    @pytest.fixture
    def at_work(self, mall: Mall) -> Iterator[Client]:
        def faces_of(picture: bytes) -> list[Face]:
            return {EMPTY: [], TINY: [fit_face(b"tiny", side_px=20)]}.get(picture, [fit_face(picture)])

        with all_working(mall, StubRecognizer(faces_of)):
            yield client_of("enroller")

    def send(self, client: Client, person: Person, *photos: bytes, **fields: str) -> Any:
        files = [SimpleUploadedFile(f"{number}.jpg", content) for number, content in enumerate(photos, 1)]
        return client.post(f"/people/{person.pk}/faces", {"photos": files, **fields})

    def test_several_photos_are_enrolled_with_a_report_for_each(self, at_work: Client) -> None:
        ada = Person.objects.create(name="Ada")
        content = self.send(at_work, ada, photo(), EMPTY, TINY).content
        assert read(content).texts(class_="report__text") == [
            "enrolled",
            "No face was found on the photo.",
            "The face is 20 px wide, and 60 px are needed.",
        ]
        assert ada.templates.count() == 1

    def test_a_limit_is_overruled_by_ticking_so_and_shown(self, at_work: Client) -> None:
        ada = Person.objects.create(name="Ada")
        content = self.send(at_work, ada, TINY, overrule="on").content
        assert b"The face is 20 px wide" in content
        assert [limit["reason"] for limit in ada.templates.get().overruled] == ["too_small"]

    @pytest.mark.parametrize("role", ["auditor", "viewer", "operator"])
    def test_nobody_else_enrols_or_removes(self, signed_in: SignedIn, role: str) -> None:
        ada, client = enrolled("Ada", vector(1)), signed_in(role)
        assert self.send(client, ada, photo()).status_code == 403
        assert client.post(f"/people/{ada.pk}/faces/{ada.templates.get().pk}/remove").status_code == 403
        assert Template.objects.count() == 1

    def test_a_face_is_removed(self, enroller: Client) -> None:
        ada = enrolled("Ada", vector(1))
        enroller.post(f"/people/{ada.pk}/faces/{ada.templates.get().pk}/remove")
        assert not Template.objects.exists()

    def test_a_face_is_removed_from_its_own_person_alone(self, enroller: Client) -> None:
        ada, bob = enrolled("Ada", vector(1)), enrolled("Bob")
        assert enroller.post(f"/people/{bob.pk}/faces/{ada.templates.get().pk}/remove").status_code == 404

    def test_an_auditor_sees_faces_and_no_buttons(self, signed_in: SignedIn) -> None:
        ada = enrolled("Ada", vector(1))
        content = signed_in("auditor").get(f"/people/{ada.pk}").content
        assert len(read(content).all(class_="face")) == 1
        assert not [word for word in (b"/remove", b"/edit", b"data-enrol", b"/erase") if word in content]
