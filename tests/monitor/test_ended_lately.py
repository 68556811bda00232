import pytest

from recognition.monitor.ended_lately import WINDOW_S, EndedLately, Lately
from recognition.sightings.tallies import add_to_tallies
from tests.faces import camera, outcome

pytestmark = pytest.mark.django_db


def record(state: str, count: int = 1) -> None:
    add_to_tallies(outcome(None, "a", state=state) for _ in range(count))


def test_what_ended_before_the_first_look_is_not_counted() -> None:
    record("failed")
    assert EndedLately().look(0.0) == Lately(0, 0, whole=False)


def test_failed_and_expired_are_bad() -> None:
    lately = EndedLately()
    lately.look(0.0)
    record("done", 5)
    record("failed", 2)
    record("expired", 1)
    assert lately.look(5.0) == Lately(5, 3, whole=False)


def test_what_ended_before_the_window_is_forgotten() -> None:
    lately = EndedLately()
    lately.look(0.0)
    record("failed")
    lately.look(5.0)
    record("expired")
    lately.look(10.0)
    assert lately.look(5.0 + WINDOW_S) == Lately(0, 1, whole=True)


def test_deleting_a_camera_ends_no_snapshot() -> None:
    gate = camera()
    add_to_tallies([outcome(gate, "a", state="failed")])
    lately = EndedLately()
    lately.look(0.0)
    gate.delete()
    assert lately.look(5.0) == Lately(0, 0, whole=False)
