"""`/api/v1/people` and `/api/v1/watchlists`: what programs and staff may do with people, and what they are told."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from cameras.tokens import API_KEY, new_token, token_digest
from recognition.engine import Face
from recognition.intake.models import ApiKey
from recognition.people.models import Membership, Person, Template, Watchlist
from tests.faces import JPEG, enrolled, vector
from tests.mall import Mall, all_working
from tests.photos import photo
from tests.recognizers import StubRecognizer, fit_face
from tests.users import client_of

PEOPLE, LISTS = "/api/v1/people", "/api/v1/watchlists"
EMPTY, TINY = photo(), photo()


def faces_of(picture: bytes) -> list[Face]:
    return {EMPTY: [], TINY: [fit_face(b"tiny", side_px=20)]}.get(picture, [fit_face(picture)])


def key(**fields: Any) -> str:
    token = new_token(API_KEY)
    ApiKey.objects.create(**{"name": "till", "scope": "people", "key_digest": token_digest(token), **fields})
    return token


class Integrator:
    """A program with a key."""

    def __init__(self, token: str) -> None:
        self.client = Client(headers={"authorization": f"Bearer {token}"})

    def ask(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        kind = "image/jpeg" if isinstance(body, bytes) else "application/json"
        answer = (
            self.client.generic(method, path, body, kind) if isinstance(body, bytes) else self._json(method, path, body)
        )
        assert answer.status_code == status, answer.content
        return answer.json() if answer.content else None

    def _json(self, method: str, path: str, body: Any) -> Any:
        return getattr(self.client, method.lower())(path, body, content_type="application/json")


@pytest.fixture
def till(db: None, hub_url: str) -> Integrator:
    return Integrator(key())


def test_a_person_is_added_read_changed_and_erased(till: Integrator) -> None:
    made = till.ask("POST", PEOPLE, {"name": " Ada ", "reference": "A 1"}, status=201)
    assert (made["name"], made["reference"], made["faces"], made["version"]) == ("Ada", "A 1", [], 0)
    address = f"{PEOPLE}/{made['id']}"
    changed = till.ask("PUT", address, {"name": "Ada L.", "version": 0})
    assert (changed["name"], changed["reference"], changed["version"]) == ("Ada L.", "", 1)
    assert till.ask("GET", address) == changed
    assert till.ask("DELETE", address)["confirmed"] == 0
    till.ask("GET", address, status=404)


def test_who_read_an_older_version_changes_nothing(till: Integrator) -> None:
    ada = Person.objects.create(name="Ada")
    till.ask("PUT", f"{PEOPLE}/{ada.pk}", {"name": "Ada L.", "version": 0})
    refused = till.ask("PUT", f"{PEOPLE}/{ada.pk}", {"name": "Ada K.", "version": 0}, status=409)
    assert "Somebody else has changed this person" in refused["detail"]
    assert Person.objects.get().name == "Ada L."


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "name"),
        ({"name": ""}, "name: This field cannot be blank."),
        ({"name": "x" * 301}, "at most 300 characters"),
        ({"name": "a\u202eb"}, "turn the text around"),
        ({"name": "Ada", "reference": "taken"}, "Another person has this reference number."),
        ({"name": "Ada", "watchlists": [{"watchlist": 999}]}, "There is no watchlist 999."),
        ({"name": "Ada", "valid_until": "tomorrow"}, "valid_until"),
    ],
    ids=["nothing", "no name", "long name", "turned name", "taken reference", "no such list", "no date"],
)
def test_what_does_not_fit_is_said_in_plain_words(till: Integrator, body: dict[str, Any], said: str) -> None:
    Person.objects.create(name="Bob", reference="taken")
    assert said in till.ask("POST", PEOPLE, body, status=422)["detail"]
    assert Person.objects.count() == 1


@pytest.mark.parametrize("name", ["x" * 300, "محمد الفاتح", "李 小龙", "Zoë 🧑‍🚀"])
def test_any_name_that_people_have_is_kept_as_it_is(till: Integrator, name: str) -> None:
    assert till.ask("POST", PEOPLE, {"name": name}, status=201)["name"] == name


class TestWatchlists:
    def test_a_person_is_on_exactly_the_lists_that_were_sent(self, till: Integrator) -> None:
        staff, vip = (Watchlist.objects.create(name=name) for name in ("Staff", "VIP"))
        made = till.ask("POST", PEOPLE, {"name": "Ada", "watchlists": [{"watchlist": staff.pk}]}, status=201)
        body = {"name": "Ada", "version": 0, "watchlists": [{"watchlist": vip.pk, "reason": "buys much"}]}
        changed = till.ask("PUT", f"{PEOPLE}/{made['id']}", body)
        assert [(one["name"], one["reason"]) for one in changed["watchlists"]] == [("VIP", "buys much")]

    def test_who_stays_on_a_list_keeps_since_when(self, till: Integrator) -> None:
        staff = Watchlist.objects.create(name="Staff")
        made = till.ask("POST", PEOPLE, {"name": "Ada", "watchlists": [{"watchlist": staff.pk}]}, status=201)
        before = Membership.objects.get().since
        body = {"name": "Ada", "version": 0, "watchlists": [{"watchlist": staff.pk, "reason": "new"}]}
        till.ask("PUT", f"{PEOPLE}/{made['id']}", body)
        assert (Membership.objects.get().since, Membership.objects.get().reason) == (before, "new")

    def test_nobody_is_barred_without_a_reason(self, till: Integrator) -> None:
        barred = Watchlist.objects.create(name="Barred", kind="barred")
        refused = till.ask("POST", PEOPLE, {"name": "Ada", "watchlists": [{"watchlist": barred.pk}]}, status=422)
        assert refused["detail"] == "watchlists: Barred: Say why this person is barred."
        assert not Person.objects.exists()

    def test_a_list_is_added_changed_and_removed(self, till: Integrator) -> None:
        made = till.ask("POST", LISTS, {"name": "VIP", "kind": "vip", "colour": "violet"}, status=201)
        address = f"{LISTS}/{made['id']}"
        changed = till.ask("PUT", address, {"name": "Guests", "kind": "vip", "threshold": 0.5})
        assert (changed["name"], changed["threshold"], changed["colour"]) == ("Guests", 0.5, "grey")
        assert till.ask("GET", LISTS) == [changed] == [till.ask("GET", address)]
        till.ask("DELETE", address, status=204)
        till.ask("GET", address, status=404)

    @pytest.mark.parametrize("body", [{"name": "VIP", "threshold": 7}, {"name": "VIP", "colour": "pink"}, {"name": ""}])
    def test_a_list_that_cannot_be_is_refused(self, till: Integrator, body: dict[str, Any]) -> None:
        till.ask("POST", LISTS, body, status=422)


def test_people_are_found_by_name_reference_and_list(till: Integrator) -> None:
    staff = Watchlist.objects.create(name="Staff")
    ada = Person.objects.create(name="Ada Lovelace", reference="S-17")
    ada.watchlists.add(staff)
    Person.objects.create(name="Bob")
    for query in ("search=lovel", "search=s-17", f"watchlist={staff.pk}", "search=ada&page=1"):
        assert [person["name"] for person in till.ask("GET", f"{PEOPLE}?{query}")["people"]] == ["Ada Lovelace"]
    assert till.ask("GET", PEOPLE)["count"] == 2


def test_people_come_a_hundred_a_page(till: Integrator) -> None:
    Person.objects.bulk_create(Person(name=f"Person {number:03}") for number in range(101))
    first, second = (till.ask("GET", f"{PEOPLE}?page={page}") for page in (1, 2))
    assert (len(first["people"]), first["next_page"]) == (100, 2)
    assert ([person["name"] for person in second["people"]], second["next_page"]) == (["Person 100"], None)
    assert till.ask("GET", f"{PEOPLE}?page=3")["people"] == []


class TestRights:
    @pytest.mark.parametrize("fields", [{"scope": "read"}, {"scope": "identify"}, {"enabled": False}])
    def test_another_key_reads_and_changes_nothing(self, db: None, fields: dict[str, Any]) -> None:
        other = Integrator(key(**fields))
        other.ask("GET", PEOPLE, status=403)
        other.ask("POST", PEOPLE, {"name": "Ada"}, status=403)

    def test_without_a_key_nobody_is_told(self, client: Client, db: None) -> None:
        assert client.get(PEOPLE).status_code == 401

    @pytest.mark.parametrize(
        ("role", "reads", "adds", "adds_lists"),
        [
            ("viewer", 403, 403, 403),
            ("operator", 403, 403, 403),
            ("auditor", 200, 403, 403),
            ("enroller", 200, 201, 403),
            ("administrator", 200, 201, 201),
        ],
    )
    def test_staff_do_what_their_role_says(
        self, db: None, hub_url: str, role: str, reads: int, adds: int, adds_lists: int
    ) -> None:
        staff = client_of(role)
        assert staff.get(PEOPLE).status_code == reads
        assert staff.post(PEOPLE, {"name": "Ada"}, content_type="application/json").status_code == adds
        assert staff.post(LISTS, {"name": "VIP"}, content_type="application/json").status_code == adds_lists

    def test_staff_change_nothing_from_a_page_of_someone_elses(self, db: None) -> None:
        signed_in = client_of("administrator")
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = signed_in.cookies
        assert strict.get(PEOPLE).status_code == 200
        assert strict.post(PEOPLE, {"name": "Ada"}, content_type="application/json").status_code == 403

    def test_what_staff_did_stands_in_the_log_without_a_name(self, db: None, hub_url: str) -> None:
        client_of("enroller").post(PEOPLE, {"name": "Ada"}, content_type="application/json")
        entry = LogEntry.objects.get()
        assert (entry.object_repr, entry.action_flag) == (f"person {Person.objects.get().pk}", 1)


class TestFaces:
    @pytest.fixture
    def ada(self, mall: Mall) -> Person:
        return Person.objects.create(name="Ada")

    @pytest.fixture
    def at_work(self, mall: Mall) -> Iterator[Integrator]:
        with all_working(mall, StubRecognizer(faces_of)):
            yield Integrator(key())

    def test_a_photo_becomes_an_enrolled_face(self, ada: Person, at_work: Integrator) -> None:
        made = at_work.ask("POST", f"{PEOPLE}/{ada.pk}/faces?source=webcam", photo(), status=201)
        assert (made["source"], made["created_by"], made["overruled"]) == ("webcam", "till", [])
        assert [one["id"] for one in at_work.ask("GET", f"{PEOPLE}/{ada.pk}")["faces"]] == [made["id"]]

    def test_a_photo_that_is_refused_is_told_with_reasons_and_numbers(self, ada: Person, at_work: Integrator) -> None:
        address = f"{PEOPLE}/{ada.pk}/faces"
        assert at_work.ask("POST", address, EMPTY, status=422)["detail"] == "No face was found on the photo."
        (objection,) = at_work.ask("POST", address, TINY, status=422)["objections"]
        assert (objection["reason"], objection["numbers"]) == ("too_small", {"face_px": 20, "limit": 60})
        assert objection["may_be_overruled"]

    def test_limits_are_overruled_by_name(self, ada: Person, at_work: Integrator) -> None:
        made = at_work.ask("POST", f"{PEOPLE}/{ada.pk}/faces?overrule=too_small,blurred", TINY, status=201)
        assert [limit["reason"] for limit in made["overruled"]] == ["too_small"]

    def test_a_limit_that_does_not_exist_is_refused(self, ada: Person, at_work: Integrator) -> None:
        assert "ugly" in at_work.ask("POST", f"{PEOPLE}/{ada.pk}/faces?overrule=ugly", TINY, status=422)["detail"]

    def test_without_a_node_the_photo_may_be_sent_again(self, mall: Mall, ada: Person) -> None:
        for node in mall.nodes:
            node.address = "unix:///nowhere/node.sock"
            node.save()
        Integrator(key()).ask("POST", f"{PEOPLE}/{ada.pk}/faces", photo(), status=503)

    def test_a_face_is_shown_and_removed(self, till: Integrator) -> None:
        ada = enrolled("Ada", vector(1))
        template = ada.templates.get()
        address = f"{PEOPLE}/{ada.pk}/faces/{template.pk}"
        assert till.client.get(f"{address}/crop").content == JPEG
        till.ask("DELETE", address, status=204)
        assert not Template.objects.exists()
        till.ask("DELETE", address, status=404)

    def test_a_face_of_somebody_else_is_not_found(self, till: Integrator) -> None:
        ada, bob = enrolled("Ada", vector(1)), enrolled("Bob")
        till.ask("DELETE", f"{PEOPLE}/{bob.pk}/faces/{ada.templates.get().pk}", status=404)


def test_the_document_names_every_answer(client: Client, db: None) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert set(paths[f"{PEOPLE}/{{id}}"]["put"]["responses"]) == {"200", "401", "403", "404", "409", "422"}
    assert set(paths[f"{PEOPLE}/{{id}}/faces"]["post"]["responses"]) == {
        "201",
        "401",
        "403",
        "404",
        "413",
        "422",
        "503",
    }
