import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from cameras.models import Camera
from recognition.alerts.models import Alert, AlertRule
from recognition.alerts.raising import raise_alerts
from tests.faces import camera, enrolled, sighting
from tests.users import client_of

pytestmark = pytest.mark.django_db

LISTING = "admin:alerts_alert_changelist"


@pytest.fixture
def gate() -> Camera:
    return camera()


@pytest.fixture
def alert(gate: Camera) -> Alert:
    AlertRule.objects.create(name="barred")
    (alert,) = raise_alerts([sighting(gate, enrolled("Ada"))])
    return alert


def acknowledge(client: Client, alert: Alert) -> None:
    client.post(reverse(LISTING), {"action": "acknowledge", "_selected_action": [alert.pk]})
    alert.refresh_from_db()


def test_an_operator_acknowledges_an_alert(gate: Camera, alert: Alert) -> None:
    acknowledge(client_of("operator", gate.group), alert)
    assert alert.state == Alert.State.ACKNOWLEDGED
    assert alert.acknowledged_at is not None
    assert alert.acknowledged_by is not None
    assert LogEntry.objects.get().object_repr == f"alert {alert.pk}"


def test_a_viewer_sees_alerts_and_cannot_acknowledge_them(gate: Camera, alert: Alert) -> None:
    viewer = client_of("viewer", gate.group)
    assert "Ada" in viewer.get(reverse(LISTING)).content.decode()
    acknowledge(viewer, alert)
    assert alert.state == Alert.State.RAISED


def test_an_alert_of_a_group_out_of_sight_can_be_neither_seen_nor_acknowledged(alert: Alert) -> None:
    stranger_there = client_of("operator", camera("vault-1", "vault").group)
    assert "Ada" not in stranger_there.get(reverse(LISTING)).content.decode()
    acknowledge(stranger_there, alert)
    assert alert.state == Alert.State.RAISED


def test_who_acknowledged_first_stays(gate: Camera, alert: Alert) -> None:
    acknowledge(client_of("operator", gate.group), alert)
    first = alert.acknowledged_by
    acknowledge(client_of("operator", gate.group), alert)
    assert alert.acknowledged_by == first


def test_an_administrator_makes_a_rule(gate: Camera) -> None:
    ada = enrolled("Ada")
    form = {"name": "barred", "enabled": "on", "persons": [ada.pk], "groups": [gate.group.pk]}
    client_of("administrator").post(reverse("admin:alerts_alertrule_add"), form)
    rule = AlertRule.objects.get()
    assert (list(rule.persons.all()), list(rule.groups.all())) == ([ada], [gate.group])
