import pytest
from django.test import Client

from recognition.people.models import Person, Watchlist
from tests.pages.conftest import SignedIn
from tests.pages.page import read

pytestmark = pytest.mark.usefixtures("hub")


@pytest.fixture
def admin(signed_in: SignedIn) -> Client:
    return signed_in("administrator")


@pytest.fixture
def guests(db: None) -> Watchlist:
    return Watchlist.objects.create(name="Guests", kind="vip", colour="violet", expires_at="2020-01-01T00:00Z")


@pytest.mark.parametrize(
    ("role", "reads", "changes"),
    [
        ("viewer", 403, 403),
        ("operator", 403, 403),
        ("auditor", 200, 403),
        ("enroller", 200, 403),
        ("administrator", 200, 200),
    ],
)
def test_enrollers_see_them_and_administrators_change_them(
    signed_in: SignedIn, guests: Watchlist, role: str, reads: int, changes: int
) -> None:
    client = signed_in(role)
    assert client.get("/watchlists").status_code == reads
    asked = [client.get(f"/watchlists/{path}").status_code for path in ("new", guests.pk, f"{guests.pk}/remove")]
    assert asked == [changes] * 3


def test_the_list_shows_colour_kind_expiry_and_how_many_are_on_it(admin: Client, guests: Watchlist) -> None:
    Person.objects.create(name="Ada").watchlists.add(guests)
    content = admin.get("/watchlists").content
    assert read(content).texts(data_colour="violet") == ["Guests"]
    assert all(text in content for text in (b"VIP", b"1 person", b"expired"))


def test_one_is_added_and_changed(admin: Client) -> None:
    admin.post("/watchlists/new", {"name": "Staff", "kind": "staff", "colour": "blue", "threshold": "0.55"})
    staff = Watchlist.objects.get()
    admin.post(f"/watchlists/{staff.pk}", {"name": "Crew", "kind": "staff", "colour": "green"})
    staff.refresh_from_db()
    assert (staff.name, staff.colour, staff.threshold) == ("Crew", "green", None)


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "Guests"}, {"colour": "pink"}, {"threshold": "5"}])
def test_one_that_cannot_be_is_refused_beside_the_field(
    admin: Client, guests: Watchlist, wrong: dict[str, str]
) -> None:
    content = admin.post("/watchlists/new", {"name": "New", "kind": "vip", "colour": "blue", **wrong}).content
    assert read(content).all(class_="form__error")
    assert Watchlist.objects.count() == 1


def test_removing_one_says_how_many_are_on_it_and_keeps_them(admin: Client, guests: Watchlist) -> None:
    Person.objects.create(name="Ada").watchlists.add(guests)
    assert b"1 person is on it" in admin.get(f"/watchlists/{guests.pk}/remove").content
    admin.post(f"/watchlists/{guests.pk}/remove")
    assert (Watchlist.objects.count(), Person.objects.count()) == (0, 1)
