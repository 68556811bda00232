"""The totals on top of the wall."""

import pytest

from recognition.hub import keys
from recognition.live.status import status
from recognition.node.connections import Redis
from recognition.sightings.tallies import add_to_tallies
from tests.faces import camera, outcome


@pytest.mark.django_db
def test_what_a_deleted_camera_sent_stays_received(hub: Redis) -> None:
    gate, door = camera(), camera("gate-2")
    for at in (gate, door):
        hub.hincrby(keys.RECEIVED, str(at.pk), 1)
    add_to_tallies([outcome(gate, "a"), outcome(door, "b")])
    door.delete()
    _, totals = status(hub)
    assert (totals["received"], totals["done"]) == (2, 2)
