import pytest
from pytest_django import DjangoAssertNumQueries

from cameras.models import Camera, Node
from recognition.sightings.models import CameraTally, NodeTally, Outcome
from recognition.sightings.tallies import add_to_tallies, totals
from tests.faces import camera, outcome

pytestmark = pytest.mark.django_db

NONE_YET = {"done": 0, "failed": 0, "expired": 0, "hits": 0, "joins": 0, "misses": 0, "unchanged": 0}


@pytest.fixture
def gate() -> Camera:
    return camera()


@pytest.fixture
def node() -> Node:
    return Node.objects.create(name="node-1", address="redis://localhost:6379")


def test_nothing_counted_is_zero() -> None:
    assert totals() == NONE_YET


def test_outcomes_are_counted_by_camera_and_by_node(gate: Camera, node: Node) -> None:
    batch = [
        outcome(gate, "a", node=node, way="hit"),
        outcome(gate, "b", node=node, way="miss"),
        outcome(gate, "c", state=Outcome.State.EXPIRED),
        outcome(None, "d", node=node, way="join"),
        outcome(None, "e", node=node, state=Outcome.State.FAILED),
        outcome(gate, "f", node=node, way="unchanged"),
    ]
    add_to_tallies(batch)
    add_to_tallies(batch[:2])
    tallies = CameraTally.objects.values_list("camera", "done", "failed", "expired")
    assert set(tallies) == {(gate.pk, 5, 0, 1), (None, 1, 1, 0)}
    assert NodeTally.objects.values_list("hits", "joins", "misses", "unchanged").get() == (2, 1, 2, 1)
    assert totals() == {
        "done": 6,
        "failed": 1,
        "expired": 1,
        "hits": 2,
        "joins": 1,
        "misses": 2,
        "unchanged": 1,
    }


def test_a_camera_that_is_new_in_a_later_batch_is_counted_from_there(gate: Camera) -> None:
    later = camera("gate-2")
    add_to_tallies([outcome(gate, "a")])
    add_to_tallies([outcome(gate, "b"), outcome(later, "c")])
    assert set(CameraTally.objects.values_list("camera", "done")) == {(gate.pk, 2), (later.pk, 1)}


def test_a_batch_takes_one_statement_for_each_camera_and_node(
    gate: Camera, node: Node, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    batch = [outcome(gate, str(number), node=node, way="hit") for number in range(30)]
    add_to_tallies(batch)
    with django_assert_num_queries(2):
        add_to_tallies(batch)


def test_what_a_deleted_camera_sent_stays_counted(gate: Camera) -> None:
    add_to_tallies([outcome(gate, "a"), outcome(gate, "b", state=Outcome.State.FAILED)])
    gate.delete()
    assert totals() == {**NONE_YET, "done": 1, "failed": 1}
