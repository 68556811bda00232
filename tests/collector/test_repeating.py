"""What is recorded of a snapshot that repeats an earlier one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cameras.epochs import GALLERY, current
from cameras.models import Camera
from recognition.alerts.models import Alert, AlertRule
from recognition.collector.endings import Ended
from recognition.collector.lease import CollectorLease
from recognition.collector.recorder import Recorder
from recognition.collector.recording import Known, Recorded, record
from recognition.collector.repeating import GONE
from recognition.node.messages import Ending, Recognition, Unchanged, Unreadable
from recognition.people.erasure import remove
from recognition.people.gallery import live_gallery
from recognition.people.models import Person
from recognition.sightings.models import CameraTally, Outcome, Sighting
from tests.faces import camera, enrolled, face, recognition, vector
from tests.hub.refs import snapshot
from tests.recognizers import scene

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hub_url")]

Record = Callable[..., Recorded]
NOON_MS = 1_772_366_400_000


@pytest.fixture
def gate() -> Camera:
    return camera()


@pytest.fixture
def ada() -> Person:
    AlertRule.objects.create(name="anyone")
    return enrolled("Ada", vector(1))


@pytest.fixture
def lease() -> CollectorLease:
    lease = CollectorLease()
    lease.acquire()
    return lease


@pytest.fixture
def recorded(lease: CollectorLease) -> Record:
    return lambda *ended: record(ended, Known.load(), live_gallery(), lease)


def seen(*numbers: int, signature: bytes = b"") -> Recognition:
    return msgspec.structs.replace(recognition(*(face(vector(number)) for number in numbers)), scene=signature)


def ended(at: Camera, ending: Ending, after_s: float = 0, way: str = "miss", may_repeat: bool = True) -> Ended:
    ref = snapshot(NOON_MS + round(after_s * 1000), camera=at.pk, may_repeat=may_repeat)
    return Ended(ref, None, way, ending)


def unchanged(original: Ended, after_s: float = 1, at: Camera | None = None) -> Ended:
    home = at or Camera.objects.get(pk=original.ref.camera)
    return ended(home, Unchanged(original.ref.id), after_s, "unchanged")


def outcome_of(one: Ended) -> Outcome:
    return Outcome.objects.get(snapshot=one.ref.id)


def moment(after_s: float) -> datetime:
    return datetime.fromtimestamp(NOON_MS / 1000 + after_s, UTC)


def test_size_and_faces_are_repeated(gate: Camera, ada: Person, recorded: Record) -> None:
    first = ended(gate, seen(1, 2))
    again = unchanged(first)
    recorded(first)
    recorded(again)
    before, after = outcome_of(first), outcome_of(again)
    assert (after.state, after.way) == ("done", "unchanged")
    assert (after.width_px, after.height_px, after.faces) == (640, 480, before.faces)
    assert [one["person"] for one in after.faces] == [ada.pk, None]


def test_a_photo_with_nobody_on_it_is_repeated_too(gate: Camera, recorded: Record) -> None:
    first = ended(gate, seen())
    again = unchanged(first)
    recorded(first)
    recorded(again)
    assert (outcome_of(again).state, outcome_of(again).faces) == ("done", [])


def test_who_was_seen_is_still_there_and_nothing_more(gate: Camera, ada: Person, recorded: Record) -> None:
    first = ended(gate, seen(1, 2))
    recorded(first)
    before = list(Sighting.objects.order_by("pk").values())
    assert recorded(unchanged(first, 7), unchanged(first, 5)).alerts == []
    assert list(Sighting.objects.order_by("pk").values()) == [{**row, "last_seen": moment(7)} for row in before]
    assert Alert.objects.count() == 1


def test_a_sighting_that_is_over_stays_over(gate: Camera, recorded: Record) -> None:
    first = ended(gate, seen(1))
    recorded(first)
    recorded(unchanged(first, 61))
    assert Sighting.objects.get().last_seen == moment(0)


@pytest.mark.parametrize("ending", [Unreadable("made so by a test"), None])
def test_without_a_recognition_to_repeat_it_fails(gate: Camera, recorded: Record, ending: Ending | None) -> None:
    first = ended(gate, ending or seen(1))
    if ending:
        recorded(first)
    again = unchanged(first)
    recorded(again)
    assert (outcome_of(again).state, outcome_of(again).reason) == ("failed", GONE)
    assert CameraTally.objects.get().failed == (2 if ending else 1)


def test_another_cameras_recognition_is_not_repeated(gate: Camera, recorded: Record) -> None:
    first = ended(gate, seen(1))
    again = unchanged(first, at=camera("gate-2"))
    recorded(first, again)
    assert (outcome_of(again).state, outcome_of(again).reason) == ("failed", GONE)


def test_a_repetition_is_not_repeated(gate: Camera, recorded: Record) -> None:
    first = ended(gate, seen(1))
    second = unchanged(first)
    third = unchanged(second)
    recorded(first, second)
    recorded(third)
    assert outcome_of(third).state == "failed"


@pytest.mark.parametrize("reverse", [False, True])
def test_both_may_stand_in_one_batch_in_any_order(gate: Camera, recorded: Record, reverse: bool) -> None:
    first = ended(gate, seen(1))
    again = unchanged(first)
    recorded(*([again, first] if reverse else [first, again]))
    assert outcome_of(again).faces == outcome_of(first).faces != []
    assert Sighting.objects.get().last_seen == moment(1)


def test_nor_does_the_order_matter_where_a_batch_is_recorded_row_by_row(gate: Camera, lease: CollectorLease) -> None:
    broken = msgspec.structs.replace(face(vector(3)), embedding=b"short")
    first = ended(gate, seen(1))
    again = unchanged(first)
    poison = ended(gate, recognition(broken))
    Recorder(live_gallery(), lease).record([again, poison, first])
    assert [outcome_of(one).state for one in (again, poison, first)] == ["done", "failed", "done"]


def test_someone_erased_in_between_does_not_come_back(gate: Camera, ada: Person, recorded: Record) -> None:
    first = ended(gate, seen(1))
    recorded(first)
    remove([ada])
    again = unchanged(first)
    recorded(again)
    (repeated,) = outcome_of(again).faces
    assert (repeated["person"], repeated["sighting"]) == (None, None)
    assert not Sighting.objects.exists()


def test_unchanged_by_another_way_than_the_nodes_results_fails(gate: Camera, recorded: Record) -> None:
    """Such as from a node's cache, where it never belongs: the ledger was not asked."""
    first = ended(gate, seen(1))
    again = replace(unchanged(first), way="hit")
    recorded(first, again)
    assert outcome_of(again).state == "failed"


def test_a_batch_takes_as_many_queries_as_one(gate: Camera, ada: Person, recorded: Record) -> None:
    first = [ended(gate, seen(number), number) for number in range(1, 11)]
    recorded(*first)
    single = unchanged(first[0], 20)
    batch = [unchanged(base, 21 + number) for base in first for number in range(3)]
    with CaptureQueriesContext(connection) as one:
        recorded(single)
    with CaptureQueriesContext(connection) as many:
        recorded(*batch)
    assert len(many) == len(one)


class TestScenes:
    """What the next snapshots of a camera are compared with."""

    @pytest.mark.parametrize("way", ["hit", "join", "miss"])
    def test_a_recognition_is_one_however_it_came(self, gate: Camera, recorded: Record, way: str) -> None:
        first = ended(gate, seen(1, signature=scene("hall")), way=way)
        (kept,) = recorded(first).scenes
        assert (kept.camera, kept.snapshot, kept.captured_at_ms) == (gate.pk, first.ref.id, NOON_MS)
        assert (kept.recipe, kept.signature) == (first.ref.recipe, scene("hall"))

    def test_it_tells_among_which_people_its_faces_were_looked_for(
        self, gate: Camera, ada: Person, recorded: Record
    ) -> None:
        (kept,) = recorded(ended(gate, seen(signature=scene("hall")))).scenes
        assert kept.gallery_epoch == current(GALLERY) > 0

    def test_a_repetition_is_none(self, gate: Camera, recorded: Record) -> None:
        first = ended(gate, seen(1, signature=scene("hall")))
        recorded(first)
        assert recorded(unchanged(first)).scenes == []

    @pytest.mark.parametrize("signature", [b"", b"short", scene("hall") + b"more"])
    def test_what_is_no_signature_is_none(self, gate: Camera, recorded: Record, signature: bytes) -> None:
        assert recorded(ended(gate, seen(1, signature=signature))).scenes == []

    def test_a_snapshot_that_may_not_repeat_is_none_either(self, gate: Camera, recorded: Record) -> None:
        assert recorded(ended(gate, seen(1, signature=scene("hall")), may_repeat=False)).scenes == []

    def test_nothing_of_it_is_in_the_database(self, gate: Camera, recorded: Record) -> None:
        recorded(ended(gate, seen(1, signature=scene("hall"))))
        assert Outcome.objects.exists()
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names():
                cursor.execute(f"SELECT * FROM {table}")
                assert "hall....." not in repr(cursor.fetchall())
