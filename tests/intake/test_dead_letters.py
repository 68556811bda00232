"""Dead letters sent again: each camera that waited has a new snapshot, and none has two."""

import signal
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from pytest_django import Settings

from cameras.models import Camera, Node
from recognition.engine import Face
from recognition.hub.counts import accounts
from recognition.hub.sync import hub
from recognition.intake import dispatch
from recognition.intake.dead_letters import drop_older, letters_of, shelves
from recognition.intake.dispatch import Accepted, Dispatcher
from recognition.intake.problems import busy
from recognition.intake.retrying import BeingSent, NobodyWaited, Retried, retry
from recognition.intake.submission import submit_by_hand
from recognition.node import keys
from recognition.node.admission import Limits
from recognition.node.dead_letters import DeadLetters
from recognition.node.messages import Unreadable, encode
from recognition.sightings.models import Outcome
from tests.faces import outcome
from tests.letters import dead_letter
from tests.mall import Mall, all_working, collecting, eventually, working
from tests.photos import photo
from tests.processes import running
from tests.recognizers import RECIPE, StubRecognizer

FIRST, SECOND = "1" * 32, "2" * 32


@pytest.fixture
def node(mall: Mall) -> Node:
    return mall.nodes[0]


@pytest.fixture
def picture() -> bytes:
    return photo()


@pytest.fixture
def letter(mall: Mall, node: Node, picture: bytes) -> str:
    """Of two snapshots of the camera."""
    for snapshot in (FIRST, SECOND):
        outcome(mall.camera, snapshot, state="failed").save()
    return dead_letter(mall.redis_of(node), picture, (FIRST, SECOND))


def jobs(mall: Mall) -> list[bytes]:
    return [fields[b"photo"] for node in mall.nodes for _, fields in mall.redis_of(node).xrange(keys.ONLY.jobs)]


def kept(node: Node) -> list[tuple[str, ...]]:
    with letters_of(node) as letters:
        return [letter.snapshots for letter in letters.all()]


def later(snapshots: Sequence[str]) -> list[Outcome]:
    return list(Outcome.objects.exclude(snapshot__in=snapshots))


def fails(_photo: bytes) -> list[Face]:
    raise MemoryError


def test_a_photo_that_failed_thrice_is_recognised_when_it_is_sent_again(
    mall: Mall, node: Node, picture: bytes, only_node: None
) -> None:
    with working(node, StubRecognizer(faces_of=fails)), collecting():
        assert submit_by_hand(mall.camera.pk, picture, 10.0).status == 500
    failed = Outcome.objects.get()
    with letters_of(node) as letters:
        (letter,) = letters.all()
    assert (failed.reason, letter.snapshots) == ("recognition failed 3 times: MemoryError", (failed.snapshot,))
    with all_working(mall):
        assert retry(node, letter.id) == Retried(1)
        (anew,) = eventually(lambda: later([failed.snapshot]))
    assert (anew.state, anew.camera_id, anew.digest) == ("done", mall.camera.pk, failed.digest)
    assert abs(anew.captured_at - failed.captured_at) < timedelta(milliseconds=1)
    assert anew.received_at > failed.received_at
    assert kept(node) == []
    total = accounts(hub()).total
    assert (total.received, total.failed, total.done) == (2, 1, 1)


@pytest.fixture
def only_node(mall: Mall, node: Node) -> None:
    mall.group.assignments.exclude(node=node).delete()


def test_each_snapshot_that_waited_is_sent_again_and_the_photo_recognised_once(
    mall: Mall, node: Node, letter: str, picture: bytes
) -> None:
    recognizer = StubRecognizer()
    assert retry(node, letter) == Retried(2)
    assert jobs(mall) == [picture]
    with all_working(mall, recognizer):
        anew = eventually(lambda: len(later((FIRST, SECOND))) == 2 and later((FIRST, SECOND)))
    assert [one.state for one in anew] == ["done", "done"]
    assert recognizer.recognised == [picture]
    assert not {one.snapshot for one in anew} & {FIRST, SECOND}


def test_a_letter_is_sent_again_once_however_often_one_asks(mall: Mall, node: Node, letter: str) -> None:
    assert retry(node, letter) == Retried(2)
    assert retry(node, letter) is None
    assert accounts(hub()).total.received == 2


def test_the_answer_that_kept_others_from_trying_is_forgotten_first(
    mall: Mall, node: Node, letter: str, picture: bytes
) -> None:
    with letters_of(node) as letters:
        (found,) = letters.all()
    image = keys.ONLY.image(RECIPE, found.job.digest)
    mall.redis_of(node).set(image, encode(Unreadable("3 workers died of it")))
    retry(node, letter)
    assert not mall.redis_of(node).exists(image)
    assert jobs(mall) == [picture]


def test_what_is_refused_stays_a_dead_letter(mall: Mall, node: Node, letter: str, settings: Settings) -> None:
    settings.MALLVISION_QUEUE_LIMITS = Limits(1, 10**9)
    for one in mall.nodes:
        mall.redis_of(one).xadd(keys.ONLY.jobs, {"photo": "in the way"})
    refused = retry(node, letter)
    assert refused is not None
    assert (refused.sent, set(refused.left)) == (0, {FIRST, SECOND})
    assert "queues of the camera's nodes are full" in refused.refused
    assert [set(snapshots) for snapshots in kept(node)] == [{FIRST, SECOND}]
    assert accounts(hub()).total.received == 0


def test_what_was_accepted_leaves_the_letter_and_the_rest_stays(
    mall: Mall, node: Node, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch = Dispatcher.dispatch

    async def once(self: Dispatcher, *arguments: Any) -> Accepted:
        if accounts(hub()).total.received:
            raise busy("Full.")
        return await dispatch(self, *arguments)

    monkeypatch.setattr(Dispatcher, "dispatch", once)
    found = retry(node, letter)
    assert found is not None
    assert (found.sent, found.refused) == (1, "Full.")
    assert kept(node) == [found.left]
    assert len(found.left) == 1


def test_killed_in_the_middle_the_letter_is_still_there(
    mall: Mall, node: Node, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running("-m", "tests.intake.dying", node.name, letter) as dying:
        assert dying.wait(60) == -signal.SIGKILL
    assert accounts(hub()).total.received == 1
    assert [set(snapshots) for snapshots in kept(node)] == [{FIRST, SECOND}]
    with pytest.raises(BeingSent):
        retry(node, letter)
    monkeypatch.setattr(dispatch, "FIRST_LOOK_MS", 0)  # five seconds later
    assert retry(node, letter) == Retried(1)
    assert accounts(hub()).total.received == 2
    assert kept(node) == []


def test_of_two_who_send_it_again_at_once_each_snapshot_is_accepted_once(mall: Mall, node: Node, letter: str) -> None:
    both = threading.Barrier(2)

    def press(_: int) -> int:
        both.wait(10)
        try:
            return found.sent if (found := retry(node, letter)) else 0
        except BeingSent:
            return 0
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(press, range(2)))
    assert accounts(hub()).total.received == 2
    assert kept(node) == []


def test_who_presses_after_the_last_was_accepted_drops_the_letter(
    mall: Mall, node: Node, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DeadLetters, "drop", lambda *_: False)  # somebody was killed before this
    assert retry(node, letter) == Retried(2)
    monkeypatch.undo()
    assert retry(node, letter) is None
    assert accounts(hub()).total.received == 2
    assert kept(node) == []


def test_a_snapshot_of_a_disabled_camera_is_not_sent_again(mall: Mall, node: Node, picture: bytes) -> None:
    closed = Camera.objects.create(slug="gate-2", name="Gate 2", group=mall.group, enabled=False)
    outcome(mall.camera, FIRST, state="failed").save()
    outcome(closed, SECOND, state="failed").save()
    letter = dead_letter(mall.redis_of(node), picture, (FIRST, SECOND))
    assert retry(node, letter) == Retried(1)


def test_a_letter_that_nobody_waits_for_stays(mall: Mall, node: Node, picture: bytes) -> None:
    outcome(None, FIRST, purpose="identify", state="failed").save()
    letter = dead_letter(mall.redis_of(node), picture, (FIRST, SECOND))
    with pytest.raises(NobodyWaited):
        retry(node, letter)
    assert kept(node) == [(FIRST, SECOND)]


@pytest.mark.parametrize("address", ["redis://127.0.0.1:1", "redis+sentinel://no-name"], ids=["silent", "misspelt"])
def test_a_silent_node_hides_no_others_letters(mall: Mall, node: Node, letter: str, address: str) -> None:
    silent = Node.objects.create(name="silent", address=address)
    found = {shelf.node: shelf.letters for shelf in shelves()}
    assert found[silent] is None
    assert [one.id for one in found[node] or ()] == [letter]


def test_old_letters_are_dropped_on_every_node_that_answers(mall: Mall) -> None:
    Node.objects.create(name="silent", address="redis://127.0.0.1:1")
    for node in mall.nodes:
        mall.redis_of(node).xadd(keys.ONLY.dead, {"photo": "x"}, id="1000-0")
    assert drop_older(datetime.fromtimestamp(2, UTC)) == 3
