"""Whether the faults' account notices what was written twice or left out."""

from datetime import UTC, datetime

import pytest

from benchmarks.faults.account import take_account
from recognition.alerts.models import Alert, AlertRule
from recognition.hub import keys
from recognition.node.connections import Redis
from recognition.people.models import Person
from recognition.sightings.models import CameraTally, NodeTally, Outcome, Sighting
from tests.mall import Mall

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def recorded(mall: Mall, hub: Redis) -> Sighting:
    """One snapshot of somebody enrolled, and all that belongs to it."""
    person = Person.objects.create(name="Ada")
    sighting = Sighting.objects.create(
        camera=mall.camera,
        person=person,
        first_seen=NOW,
        last_seen=NOW,
        quality=0.9,
        embedding=b"",
        space="",
        thumbnail=b"",
    )
    Outcome.objects.create(
        snapshot="a" * 32,
        purpose="camera",
        camera=mall.camera,
        node=mall.nodes[0],
        digest="",
        state=Outcome.State.DONE,
        way=Outcome.Way.MISS,
        captured_at=NOW,
        received_at=NOW,
        recorded_at=NOW,
        faces=[{"sighting": sighting.pk}],
    )
    Alert.objects.create(rule=AlertRule.objects.create(name="everyone"), sighting=sighting, raised_at=NOW)
    CameraTally.objects.create(camera=mall.camera, done=1)
    NodeTally.objects.create(node=mall.nodes[0], misses=1)
    hub.hset(keys.RECEIVED, mall.camera.pk, 1)
    hub.hset(keys.ENDED, f"{mall.camera.pk}:done", 1)
    return sighting


def deviations() -> dict[str, int]:
    return {name: count for name, count in take_account()["deviations"].items() if count}


def test_what_agrees_does_not_deviate(recorded: Sighting) -> None:
    assert deviations() == {}


def test_a_frame_too_many_is_noticed(recorded: Sighting) -> None:
    Sighting.objects.update(frames=2)
    assert deviations() == {"frames": 1}


def test_a_sighting_that_no_snapshot_shows_is_noticed(recorded: Sighting) -> None:
    Sighting.objects.create(
        camera=recorded.camera, first_seen=NOW, last_seen=NOW, quality=0.9, embedding=b"", space="", thumbnail=b""
    )
    assert deviations() == {"frames": 1}


def test_an_alert_that_was_not_raised_is_noticed(recorded: Sighting) -> None:
    Alert.objects.all().delete()
    assert deviations() == {"alerts": 1}


def test_a_tally_of_a_camera_that_counted_twice_is_noticed(recorded: Sighting) -> None:
    CameraTally.objects.update(done=2)
    assert deviations() == {"camera tallies": 1}


def test_a_tally_of_a_node_that_counted_twice_is_noticed(recorded: Sighting) -> None:
    NodeTally.objects.update(hits=1)
    assert deviations() == {"node tallies": 1}


def test_a_snapshot_that_the_hub_never_let_go_of_is_noticed(mall: Mall, recorded: Sighting, hub: Redis) -> None:
    hub.hincrby(keys.RECEIVED, mall.camera.pk, 1)
    assert deviations() == {"counts of the hub": 1}
