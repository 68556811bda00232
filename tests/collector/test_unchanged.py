"""A camera before a still scene, from its upload to the record: everything real but what sees the faces."""

import time
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from django.contrib.auth.models import User
from numpy.typing import NDArray
from PIL import Image

from cameras.database import in_database_thread
from cameras.models import Camera, CameraGroup
from cameras.scope import Scope
from cameras.tokens import issue_camera_token
from recognition.alerts.models import Alert, AlertRule
from recognition.engine import load_recognizer
from recognition.hub import keys as hub_keys
from recognition.live.state import hello
from recognition.node import keys as node_keys
from recognition.node.connections import Redis
from recognition.node.messages import Unchanged, encode
from recognition.people.erasure import remove
from recognition.people.models import Person, Template
from recognition.sightings.models import NodeTally, Outcome, Sighting
from tests.mall import Answer, Mall, Web, all_working, collecting, eventually
from tests.photos import photo
from tests.recognizers import SPACE, StubRecognizer, embedding_of, face, scene

ANNA = b"anna"


@pytest.fixture
def start() -> datetime:
    """A little in the past, so that no photo is from the future."""
    return datetime.fromtimestamp(time.time_ns() // 1_000_000 / 1000 - 60, UTC)


@pytest.fixture
def still() -> StubRecognizer:
    """Every photo shows Anna in the same hall."""
    return StubRecognizer(faces_of=lambda _: [face(ANNA)], scene_of=lambda _: scene("hall"))


def enrol_anna() -> Person:
    person = Person.objects.create(name="Anna")
    embedding = embedding_of(ANNA).tobytes()
    Template.objects.create(person=person, embedding=embedding, space=SPACE, crop=b"", quality=1.0, digest="0" * 64)
    AlertRule.objects.create(name="anyone")
    return person


@pytest.fixture
def anna(mall: Mall) -> Person:
    return enrol_anna()


def second_gate(mall: Mall) -> str:
    """The token of another camera of the same group."""
    return issue_camera_token(Camera.objects.create(slug="gate-2", name="Gate 2", group=mall.group))


class Gate:
    """A camera that sends photos one after the other, each once the one before has been recorded and forgotten."""

    def __init__(self, web: Web, hub: Redis, start: datetime, token: str | None = None) -> None:
        self._web, self._hub, self._start, self._token = web, hub, start, token

    async def sends(self, after_s: float, picture: bytes | None = None) -> str:
        """The way in which the photo was answered."""
        answer = await self.replies(after_s, picture)
        return (await Outcome.objects.aget(snapshot=answer.body["id"])).way

    async def replies(self, after_s: float, picture: bytes | None = None) -> Answer:
        at = (self._start + timedelta(seconds=after_s)).isoformat()
        answer = await self._web.post(picture or photo(), "wait=10", self._token, x_captured_at=at)
        assert answer.status == 200
        eventually(lambda: not self._hub.exists(hub_keys.ledger_entry(answer.body["id"])))
        eventually(lambda: self._hub.xlen(hub_keys.HITS) == 0)
        return answer


@pytest.fixture
def gate(web: Web, hub: Redis, start: datetime) -> Gate:
    return Gate(web, hub, start)


async def test_the_first_is_recognised_and_the_next_are_unchanged_until_ten_seconds_are_over(
    mall: Mall, gate: Gate, still: StubRecognizer
) -> None:
    with all_working(mall, still):
        ways = [await gate.sends(after_s) for after_s in (0, 1, 5, 9.999, 10, 11, 19.999, 20)]
    assert ways == ["miss", *["unchanged"] * 3, "miss", *["unchanged"] * 2, "miss"]
    assert (len(still.recognised), len(still.unchanged)) == (3, 5)


async def test_a_changed_scene_is_recognised_and_is_the_one_to_compare_with_from_then_on(
    mall: Mall, gate: Gate
) -> None:
    yard = {photo() for _ in range(2)}
    recognizer = StubRecognizer(scene_of=lambda picture: scene("yard" if picture in yard else "hall"))
    with all_working(mall, recognizer):
        ways = [await gate.sends(0), await gate.sends(1)]
        ways += [await gate.sends(2 + place, picture) for place, picture in enumerate(sorted(yard))]
        ways.append(await gate.sends(4))
    assert ways == ["miss", "unchanged", "miss", "unchanged", "miss"]


async def test_a_repetition_names_the_snapshot_that_was_really_recognised(
    mall: Mall, gate: Gate, still: StubRecognizer, hub: Redis
) -> None:
    with all_working(mall, still):
        first = (await gate.replies(0)).body["id"]
        for after_s in (1, 2, 3):
            await gate.sends(after_s)
            assert hub.hget(hub_keys.scene(mall.camera.pk), "snapshot") == first.encode()


async def test_a_late_photo_is_recognised_and_does_not_become_the_scene(
    mall: Mall, gate: Gate, still: StubRecognizer, hub: Redis
) -> None:
    with all_working(mall, still):
        newest = (await gate.replies(5)).body["id"]
        assert await gate.sends(1) == "miss"
    assert hub.hget(hub_keys.scene(mall.camera.pk), "snapshot") == newest.encode()


async def test_the_reply_is_that_of_any_photo_that_was_recognised(
    mall: Mall, web: Web, gate: Gate, still: StubRecognizer
) -> None:
    with all_working(mall, still):
        first, again = await gate.replies(0), await gate.replies(1)
        found = await web.get(f"/api/v1/snapshots/{again.body['id']}")
    assert again.body["faces"] == first.body["faces"] != []
    assert (again.body["state"], again.body["cached"]) == ("done", False)
    assert found.body == again.body


async def test_the_same_photo_again_finds_no_answer_that_was_unchanged(
    mall: Mall, gate: Gate, still: StubRecognizer
) -> None:
    picture = photo()
    with all_working(mall, still):
        ways = [await gate.sends(0), await gate.sends(1, picture), await gate.sends(2, picture)]
        ways += [await gate.sends(10, picture), await gate.sends(11, picture)]
    assert ways == ["miss", "unchanged", "unchanged", "miss", "hit"]


async def test_a_hit_is_a_scene_to_compare_with(mall: Mall, gate: Gate, still: StubRecognizer) -> None:
    picture = photo()
    with all_working(mall, still):
        ways = [await gate.sends(0, picture), await gate.sends(30, picture), await gate.sends(39)]
    assert ways == ["miss", "hit", "unchanged"]


async def test_someone_in_an_unchanged_scene_is_still_there_and_nothing_more(
    mall: Mall, gate: Gate, still: StubRecognizer, anna: Person, start: datetime
) -> None:
    with all_working(mall, still):
        for after_s in (0, 4, 8):
            await gate.sends(after_s)
    sighting = await Sighting.objects.aget()
    assert (sighting.person_id, sighting.frames) == (anna.pk, 1)
    assert (sighting.first_seen, sighting.last_seen) == (start, start + timedelta(seconds=8))
    assert await Alert.objects.acount() == 1


async def test_the_wall_shows_the_newest_photo_with_the_boxes_of_the_repeated_one(
    mall: Mall, gate: Gate, still: StubRecognizer, hub: Redis
) -> None:
    picture = photo()
    with all_working(mall, still):
        await gate.sends(0)
        newest = (await gate.replies(1, picture)).body["id"]
    told = await in_database_thread(hello)(Scope(User(is_superuser=True)))
    shown = told["cameras"][0]["newest"]
    assert shown is not None
    assert (shown["id"], shown["way"], len(shown["faces"])) == (newest, "unchanged", 1)
    assert hub.hget(hub_keys.newest(mall.camera.pk), "photo") == picture


async def test_each_way_is_counted_apart(mall: Mall, gate: Gate, still: StubRecognizer) -> None:
    picture = photo()
    with all_working(mall, still):
        await gate.sends(0, picture)
        await gate.sends(1, picture)
        await gate.sends(2)
        await gate.sends(3)
    counts = [(tally.misses, tally.joins, tally.hits, tally.unchanged) async for tally in NodeTally.objects.all()]
    assert [sum(of_way) for of_way in zip(*counts, strict=True)] == [1, 0, 1, 2]


async def test_who_was_enrolled_in_between_is_known_on_the_next_photo(
    mall: Mall, gate: Gate, still: StubRecognizer
) -> None:
    with all_working(mall, still):
        await gate.sends(0)
        await in_database_thread(enrol_anna)()
        assert await gate.sends(1) == "miss"
        assert await gate.sends(2) == "unchanged"
    people = [outcome.faces[0]["person"] is not None async for outcome in Outcome.objects.order_by("captured_at")]
    assert people == [False, True, True]


async def test_who_was_erased_in_between_is_on_no_later_photo(
    mall: Mall, gate: Gate, still: StubRecognizer, anna: Person
) -> None:
    with all_working(mall, still):
        await gate.sends(0)
        await in_database_thread(remove)([anna])
        assert await gate.sends(1) == "miss"
    assert [one.faces[0]["person"] async for one in Outcome.objects.all()] == [None, None]


async def test_who_was_erased_while_a_photo_was_in_work_does_not_come_back_with_it(
    mall: Mall, web: Web, hub: Redis, gate: Gate, still: StubRecognizer, anna: Person, start: datetime
) -> None:
    with all_working(mall, still):
        await gate.sends(0)
    at = (start + timedelta(seconds=1)).isoformat()
    snapshot = (await web.post(photo(), x_captured_at=at)).body["id"]
    await in_database_thread(remove)([anna])
    with all_working(mall, still):
        eventually(lambda: hub.zcard(hub_keys.LEDGER_DUE) == 0)
    outcome = await Outcome.objects.aget(snapshot=snapshot)
    assert (outcome.way, outcome.faces[0]["person"]) == ("unchanged", None)
    assert not await Sighting.objects.aexists()


async def test_another_camera_that_sends_the_same_photo_meanwhile_is_answered_by_a_recognition(
    mall: Mall, web: Web, hub: Redis, gate: Gate, still: StubRecognizer, start: datetime
) -> None:
    token = await in_database_thread(second_gate)(mall)
    with all_working(mall, still):
        await gate.sends(0)
    picture, at = photo(), (start + timedelta(seconds=1)).isoformat()
    ids = [(await web.post(picture, token=one, x_captured_at=at)).body["id"] for one in (None, token)]
    with all_working(mall, still):
        eventually(lambda: hub.zcard(hub_keys.LEDGER_DUE) == 0)
    ways = {outcome.snapshot: outcome.way async for outcome in Outcome.objects.all()}
    assert [ways[one] for one in ids] == ["miss", "join"]


async def test_each_camera_is_compared_with_its_own_scene(
    mall: Mall, web: Web, hub: Redis, gate: Gate, still: StubRecognizer, start: datetime
) -> None:
    other = Gate(web, hub, start, await in_database_thread(second_gate)(mall))
    with all_working(mall, still):
        ways = [await gate.sends(0), await other.sends(1), await gate.sends(2), await other.sends(3)]
    assert ways == ["miss", "miss", "unchanged", "unchanged"]


async def test_the_fast_engine_tells_a_still_scene_through_noise(mall: Mall, gate: Gate) -> None:
    await CameraGroup.objects.aupdate(recipe="fast.640.fp32")
    engine = cast(StubRecognizer, load_recognizer("fast"))
    file = Path(str(files("skimage"))).joinpath("data", "astronaut.png")
    shown = np.asarray(Image.open(file).convert("RGB"))
    with all_working(mall, engine):
        ways = [await gate.sends(after_s, noisy(shown, seed=after_s)) for after_s in (0, 1, 2)]
        ways.append(await gate.sends(3, noisy(shown[:, ::-1], seed=3)))
    assert ways == ["miss", "unchanged", "unchanged", "miss"]
    faces = [len(outcome.faces) async for outcome in Outcome.objects.order_by("captured_at")]
    assert faces[0] == faces[1] == faces[2] >= 1


def noisy(picture: NDArray[np.uint8], seed: int) -> bytes:
    noise = np.random.default_rng(seed).normal(0, 2, picture.shape)
    file = BytesIO()
    Image.fromarray(np.clip(picture + noise, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=85)
    return file.getvalue()


async def test_a_node_can_name_no_other_snapshot_than_the_one_it_was_asked_about(
    mall: Mall, web: Web, hub: Redis, gate: Gate, still: StubRecognizer, start: datetime
) -> None:
    with all_working(mall, still):
        older = (await gate.replies(0)).body["id"]
        await gate.replies(20)
    at = (start + timedelta(seconds=21)).isoformat()
    answer = await web.post(photo(), x_captured_at=at)
    answered_as_unchanged(mall, answer, older)
    with collecting():
        eventually(lambda: hub.hget(hub_keys.REFUSED, "another scene") == b"1")
    assert hub.exists(hub_keys.ledger_entry(answer.body["id"]))  # so the monitor will send it on


async def test_nor_any_for_a_photo_that_must_be_looked_at(mall: Mall, web: Web, hub: Redis) -> None:
    answer = await web.post(photo())
    answered_as_unchanged(mall, answer, "a" * 32)
    with collecting():
        eventually(lambda: hub.hget(hub_keys.REFUSED, "another scene") == b"1")
    assert not await Outcome.objects.aexists()


async def test_nor_call_anything_else_unchanged(mall: Mall, web: Web, hub: Redis) -> None:
    answer = await web.post(photo())
    answered_as_unchanged(mall, answer, "a" * 32, way="unchanged")
    with collecting():
        eventually(lambda: hub.hget(hub_keys.REFUSED, "not a message") == b"1")
    assert not await Outcome.objects.aexists()


def answered_as_unchanged(mall: Mall, answer: Answer, of: str, way: str = "miss") -> None:
    """As a node would that is in strange hands."""
    node = mall.redis_of(next(one for one in mall.nodes if one.name == answer.body["node"]))
    said = {"snapshot": answer.body["id"], "way": way, "digest": answer.body["digest"]}
    node.xadd(node_keys.ONLY.results, {**said, "ending": encode(Unchanged(of))})
