"""`manage.py set_up`: what the launcher asks of Django."""

import json
import os
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from cameras.models import Node
from mallvision.launch.report import Login, Report

pytestmark = pytest.mark.django_db


def _set_up() -> Report:
    reading, writing = os.pipe()
    call_command("set_up", report=writing)
    with os.fdopen(reading) as stream:
        fields: dict[str, Any] = json.load(stream)
    return Report.of_json(fields)


@pytest.fixture(autouse=True)
def _no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MALLVISION_ADMIN_PASSWORD", raising=False)


def _admin_has(password: str) -> bool:
    return bool(get_user_model().objects.get(username="admin", is_superuser=True).check_password(password))


def test_a_password_is_made_once() -> None:
    made = _set_up()
    assert made.login == Login.MADE
    assert _admin_has(made.password)
    assert _set_up() == Report(Login.KEPT)
    assert _admin_has(made.password)


def test_a_given_password_is_set_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    _set_up()
    monkeypatch.setenv("MALLVISION_ADMIN_PASSWORD", "given for the test")
    assert _set_up() == Report(Login.GIVEN)
    assert _admin_has("given for the test")


def test_setting_the_same_password_again_ends_no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLVISION_ADMIN_PASSWORD", "given for the test")
    _set_up()
    before = get_user_model().objects.get(username="admin").get_session_auth_hash()
    _set_up()
    assert get_user_model().objects.get(username="admin").get_session_auth_hash() == before


NODES = ["node-1=unix:///run/node-1.sock", "node-2=unix:///run/node-2.sock"]


def test_without_the_demo_the_nodes_that_are_started_are_registered() -> None:
    call_command("set_up", node=NODES)
    assert list(Node.objects.values_list("name", flat=True)) == ["node-1", "node-2"]


def test_a_registry_that_has_nodes_is_left_alone() -> None:
    Node.objects.create(name="mine", address="redis://10.0.0.5:6379")
    call_command("set_up", node=NODES)
    assert list(Node.objects.values_list("name", flat=True)) == ["mine"]


def test_a_report_does_not_show_its_password() -> None:
    assert "secret" not in repr(Report(Login.MADE, "secret"))
