"""What is kept, and for how long."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from cameras.models import Camera, CameraGroup
from recognition.alerts.models import Alert, AlertRule, SystemAlert
from recognition.imports.models import PeopleImport
from recognition.intake.models import IdentifyRecord
from recognition.retention.purge import purge
from recognition.sightings.models import Outcome, Sighting

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def camera() -> Camera:
    group = CameraGroup.objects.create(slug="entrance", name="Entrance")
    return Camera.objects.create(slug="gate-1", name="Gate 1", group=group)


def outcome(camera: Camera, age: timedelta) -> Outcome:
    at = NOW - age
    number = Outcome.objects.count()
    return Outcome.objects.create(
        snapshot=f"{number:032x}",
        purpose="camera",
        camera=camera,
        digest="0" * 64,
        state="done",
        captured_at=at,
        received_at=at,
        recorded_at=at,
    )


def sighting(camera: Camera, age: timedelta) -> Sighting:
    at = NOW - age
    return Sighting.objects.create(
        camera=camera, first_seen=at, last_seen=at, quality=1.0, embedding=bytes(512), space="s", thumbnail=b""
    )


def test_outcomes_go_after_a_day(camera: Camera) -> None:
    outcome(camera, timedelta(hours=25))
    young = outcome(camera, timedelta(hours=23))
    assert purge(NOW)["outcomes"] == 1
    assert Outcome.objects.get() == young


def test_sightings_go_after_thirty_days(camera: Camera) -> None:
    sighting(camera, timedelta(days=31))
    young = sighting(camera, timedelta(days=29))
    assert purge(NOW)["sightings"] == 1
    assert Sighting.objects.get() == young


def test_a_sighting_stays_as_long_as_its_alert(camera: Camera) -> None:
    old = sighting(camera, timedelta(days=60))
    rule = AlertRule.objects.create(name="anyone")
    Alert.objects.create(rule=rule, sighting=old, raised_at=NOW - timedelta(days=60))
    assert purge(NOW)["sightings"] == 0
    assert purge(NOW + timedelta(days=31)) | {"outcomes": 0} == {
        "outcomes": 0,
        "alerts": 1,
        "system alerts": 0,
        "sightings": 1,
        "identify records": 0,
        "imports": 0,
        "gallery changes": 0,
        "dead letters": 0,
    }


def test_system_alerts_go_ninety_days_after_they_were_over() -> None:
    raised_at = NOW - timedelta(days=100)
    SystemAlert.objects.create(kind="hub_down", raised_at=raised_at, cleared_at=NOW - timedelta(days=91))
    SystemAlert.objects.create(kind="hub_slow", raised_at=raised_at, cleared_at=NOW - timedelta(days=89))
    SystemAlert.objects.create(kind="disk_full", raised_at=raised_at)
    assert purge(NOW)["system alerts"] == 1
    assert not SystemAlert.objects.filter(kind="hub_down").exists()


def test_the_log_of_identifications_goes_after_ninety_days() -> None:
    record = IdentifyRecord.objects.create(key_name="till", digest="0" * 64, faces=1, known=0)
    assert purge(record.at + timedelta(days=89))["identify records"] == 0
    assert purge(record.at + timedelta(days=91))["identify records"] == 1


def test_more_than_one_step_of_rows_goes_at_once(camera: Camera, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recognition.retention.purge.AT_ONCE", 2)
    for _ in range(5):
        outcome(camera, timedelta(days=2))
    assert purge(NOW)["outcomes"] == 5


def test_the_command_says_what_it_deleted(camera: Camera, capsys: pytest.CaptureFixture[str]) -> None:
    outcome(camera, timedelta(days=3650))
    call_command("purge")
    assert "outcomes: 1 deleted" in capsys.readouterr().out


def test_an_import_goes_with_its_report_unless_it_runs(db: None) -> None:
    for state in ("done", "receiving", "running"):
        PeopleImport.objects.create(title=state, state=state)
    PeopleImport.objects.update(created_at=timezone.now() - timedelta(days=7.1))
    PeopleImport.objects.create(title="new", state="done")
    assert purge()["imports"] == 2
    assert set(PeopleImport.objects.values_list("title", flat=True)) == {"running", "new"}
