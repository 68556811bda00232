"""System alerts agree with what is found, however many processes look."""

import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connections
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from recognition.alerts.models import SystemAlert
from recognition.alerts.sentences import SENTENCES
from recognition.alerts.system import Finding, keep, open_alerts
from tests.users import client_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)
Kind = SystemAlert.Kind
NODE = Finding(Kind.NODE_DOWN, "node-1", "TimeoutError")
DISK = Finding(Kind.DISK_FULL, detail="91%")


def standing() -> Mapping[tuple[str, str], str]:
    return {key: alert.detail for key, alert in open_alerts().items()}


@pytest.mark.django_db
class TestKeeping:
    def test_what_is_found_is_raised(self) -> None:
        keep([NODE, DISK], NOON)
        assert standing() == {("node_down", "node-1"): "TimeoutError", ("disk_full", ""): "91%"}
        assert {alert.raised_at for alert in SystemAlert.objects.all()} == {NOON}

    def test_what_is_found_again_is_not_raised_again(self) -> None:
        keep([NODE], NOON)
        keep([NODE], LATER)
        assert SystemAlert.objects.get().raised_at == NOON

    def test_its_detail_is_kept_up_to_date(self) -> None:
        keep([DISK], NOON)
        keep([Finding(Kind.DISK_FULL, detail="92%")], LATER)
        assert SystemAlert.objects.get().detail == "92%"

    def test_what_is_found_no_longer_is_over(self) -> None:
        keep([NODE, DISK], NOON)
        keep([DISK], LATER)
        assert SystemAlert.objects.get(kind=Kind.NODE_DOWN).cleared_at == LATER
        assert list(standing()) == [("disk_full", "")]

    def test_what_is_over_stays_over_as_it_was(self) -> None:
        keep([NODE], NOON)
        keep([], LATER)
        keep([], LATER + timedelta(minutes=1))
        assert SystemAlert.objects.get().cleared_at == LATER

    def test_what_comes_back_is_raised_anew(self) -> None:
        keep([NODE], NOON)
        keep([], NOON)
        keep([NODE], LATER)
        assert SystemAlert.objects.count() == 2
        assert SystemAlert.objects.get(cleared_at=None).raised_at == LATER

    def test_two_nodes_have_an_alert_each(self) -> None:
        keep([NODE, Finding(Kind.NODE_DOWN, "node-2")], NOON)
        assert len(standing()) == 2

    def test_nothing_is_written_when_nothing_has_changed(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        keep([NODE], NOON)
        with django_assert_num_queries(1):
            keep([NODE], LATER)

    def test_the_database_takes_no_second_open_one(self) -> None:
        SystemAlert.objects.create(kind=Kind.HUB_DOWN, raised_at=NOON)
        with pytest.raises(IntegrityError):
            SystemAlert.objects.create(kind=Kind.HUB_DOWN, raised_at=LATER)


def test_monitors_that_find_the_same_at_once_raise_it_once(transactional_db: None) -> None:
    together = threading.Barrier(4)

    def look() -> None:
        together.wait(10)
        keep([NODE, DISK], NOON)
        connections.close_all()

    monitors = [threading.Thread(target=look) for _ in range(together.parties)]
    for monitor in monitors:
        monitor.start()
    for monitor in monitors:
        monitor.join(30)
    assert SystemAlert.objects.count() == 2


@pytest.mark.parametrize("kind", Kind.values)
def test_every_kind_has_a_sentence(kind: str) -> None:
    assert SystemAlert(kind=kind, about="node-1", detail="9").sentence


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_sentence_holds_a_percent_sign_that_the_browser_would_not_know(language: str) -> None:
    with translation.override(language):
        for sentence in SENTENCES.values():
            assert "%" not in re.sub(r"%\((about|text)\)s", "", str(sentence))


def test_a_nodes_reason_is_put_into_words() -> None:
    assert "degraded: no worker." in SystemAlert(kind=Kind.NODE_DEGRADED, about="n", detail="no worker").sentence


@pytest.fixture
def listing(db: None) -> str:
    keep([NODE, DISK], NOON)
    return "/admin/alerts/systemalert/"


@pytest.mark.parametrize("role", ["viewer", "operator", "enroller", "auditor", "administrator"])
def test_whoever_may_watch_may_read_them(listing: str, role: str) -> None:
    text = client_of(role).get(listing).content.decode()
    assert "Node node-1 does not answer" in text
    assert "The disk is 91% full" in text


def test_nobody_changes_or_deletes_one(listing: str) -> None:
    alert = SystemAlert.objects.first()
    assert alert is not None
    administrator: Client = client_of("administrator")
    assert administrator.post(f"{listing}{alert.pk}/change/", {"kind": "hub_down"}).status_code == 403
    assert administrator.post(f"{listing}{alert.pk}/delete/", {"post": "yes"}).status_code == 403
    assert SystemAlert.objects.count() == 2
