import pytest
from django.test import Client
from django.urls import reverse

from cameras.models import Camera
from recognition.sightings.models import Sighting
from tests.faces import camera, enrolled, outcome, sighting
from tests.users import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def gate() -> Camera:
    return camera()


@pytest.fixture
def viewer(gate: Camera) -> Client:
    return client_of("viewer", gate.group)


def test_the_list_shows_only_sightings_in_sight(viewer: Client, gate: Camera) -> None:
    sighting(gate, enrolled("Ada"))
    sighting(camera("vault-1", "vault"), enrolled("Bob"))
    page = viewer.get(reverse("admin:sightings_sighting_changelist")).content.decode()
    assert "Ada" in page
    assert "Bob" not in page
    assert "vault-1" not in page


@pytest.mark.parametrize(("who", "expected"), [("known", ["Ada"]), ("stranger", ["stranger"])])
def test_the_list_can_be_narrowed_to_known_people_or_strangers(
    viewer: Client, gate: Camera, who: str, expected: list[str]
) -> None:
    sighting(gate, enrolled("Ada"))
    sighting(gate)
    answer = viewer.get(reverse("admin:sightings_sighting_changelist"), {"who": who})
    rows: list[Sighting] = list(answer.context["cl"].result_list)
    assert [row.person.name if row.person else "stranger" for row in rows] == expected


def test_a_sightings_page_shows_its_face_and_offers_no_change(viewer: Client, gate: Camera) -> None:
    seen = sighting(gate)
    address = reverse("admin:sightings_sighting_change", args=[seen.pk])
    assert reverse("sighting-face", args=[seen.pk]) in viewer.get(address).content.decode()
    assert viewer.post(address, {}).status_code == 403


def test_a_sighting_out_of_sight_has_no_page(viewer: Client) -> None:
    hidden = sighting(camera("vault-1", "vault"))
    assert viewer.get(reverse("admin:sightings_sighting_change", args=[hidden.pk])).status_code == 302


def test_outcomes_are_listed_for_the_auditor_and_not_for_the_viewer(viewer: Client, gate: Camera) -> None:
    row = outcome(gate, "a" * 32)
    row.save()
    listing = reverse("admin:sightings_outcome_changelist")
    auditor = client_of("auditor")
    assert row.snapshot in auditor.get(listing).content.decode()
    assert auditor.get(reverse("admin:sightings_outcome_change", args=[row.pk])).status_code == 200
    assert viewer.get(listing).status_code == 403
