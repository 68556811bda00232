"""Log in, log out, credits, errors."""

import json
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.views.defaults import server_error
from pytest_django import Settings

from mallvision.environment import DataFolder
from tests.pages.conftest import SignedIn

pytestmark = pytest.mark.usefixtures("hub")


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create_user("vera", password="right")


def test_the_right_password_leads_to_the_page_asked_for(user: User, client: Client) -> None:
    response = client.post("/login", {"username": "vera", "password": "right", "next": "/credits"})
    assert response.headers["Location"] == "/credits"


def test_a_wrong_password_is_said_in_plain_words(user: User, client: Client) -> None:
    response = client.post("/login", {"username": "vera", "password": "wrong"})
    assert b"do not go together" in response.content


def test_too_many_wrong_passwords_pause_the_log_in(user: User, client: Client, settings: Settings) -> None:
    settings.AXES_FAILURE_LIMIT = 2
    for _ in range(2):
        response = client.post("/login", {"username": "vera", "password": "wrong"})
    assert response.status_code == 429
    assert b"Log-in paused" in response.content


def test_logging_out_leads_to_the_log_in(user: User, client: Client) -> None:
    client.force_login(user)
    assert client.post("/logout").headers["Location"] == "/login"
    assert client.get("/").headers["Location"].startswith("/login")


def test_the_credits_name_every_photo(signed_in: SignedIn, tmp_path: Path, settings: Settings) -> None:
    settings.MALLVISION_DATA = DataFolder(tmp_path)
    (tmp_path / "demo").mkdir()
    credit = {"file": "a.png", "person": "Eileen Collins", "source": "NASA", "licence": "public domain", "note": ""}
    (tmp_path / "demo" / "credits.json").write_text(json.dumps([credit]))
    content = signed_in("viewer").get("/credits").content
    assert b"Eileen Collins" in content
    assert b"public domain" in content


def test_without_the_demo_the_credits_say_so(signed_in: SignedIn, tmp_path: Path, settings: Settings) -> None:
    settings.MALLVISION_DATA = DataFolder(tmp_path)
    assert b"nobody to credit" in signed_in("viewer").get("/credits").content


def test_the_navigation_offers_what_the_role_may_open(signed_in: SignedIn) -> None:
    assert b'href="/upload"' in signed_in("operator").get("/").content
    assert b'href="/upload"' not in signed_in("viewer").get("/").content


def test_an_error_page_needs_nothing_that_may_be_broken(rf: RequestFactory) -> None:
    assert b"Something broke" in server_error(rf.get("/")).content
