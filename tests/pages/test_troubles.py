"""System alerts on top of the wall."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from recognition.alerts.models import SystemAlert
from recognition.alerts.sentences import SENTENCES
from tests.pages.conftest import SignedIn
from tests.pages.page import Page, read

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("hub")


def wall(signed_in: SignedIn, role: str = "viewer", language: str = "en") -> Page:
    call_command("compile_translations", verbosity=0)
    return read(signed_in(role).get("/", headers={"accept-language": language}).content)


def alert(kind: str, about: str = "", detail: str = "") -> SystemAlert:
    return SystemAlert.objects.create(kind=kind, about=about, detail=detail, raised_at=NOON)


def test_a_wall_without_troubles_shows_none(signed_in: SignedIn) -> None:
    assert wall(signed_in).all(class_="notice trouble") == []


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "The disk is 93% full: when nothing is left, nothing can be recorded."),
        ("zh-hans", "磁盘已用 93%：写满后将无法记录任何结果。"),
    ],
)
def test_a_trouble_is_said_in_the_readers_language(signed_in: SignedIn, language: str, sentence: str) -> None:
    alert("disk_full", detail="93%")
    page = wall(signed_in, language=language)
    assert page.texts(class_="trouble__text") == [sentence]
    assert page.texts(data_clock="") == ["12:00:00"]


def test_a_nodes_reason_is_put_into_words(signed_in: SignedIn) -> None:
    alert("node_degraded", "node-1", "no worker")
    page = wall(signed_in)
    assert page.texts(class_="trouble__text") == ["Node node-1 is degraded: no worker."]
    assert page.all(class_="notice trouble")[0].attributes["data-severity"] == "warning"


@pytest.mark.parametrize("role", ["viewer", "operator", "enroller", "auditor", "administrator"])
def test_everyone_who_may_watch_sees_it(signed_in: SignedIn, role: str) -> None:
    alert("node_down", "node-1")
    assert len(wall(signed_in, role).all(class_="notice trouble")) == 1


def test_the_browser_is_handed_every_sentence(signed_in: SignedIn) -> None:
    words = {data.attributes["value"]: data.text for data in wall(signed_in).all() if data.tag == "data"}
    for kind, sentence in SENTENCES.items():
        assert words[f"trouble.{kind}"] == str(sentence)
