"""Which scene a snapshot is compared with: its camera's newest, if that is fit for it."""

from dataclasses import replace

import pytest

from recognition.hub import keys
from recognition.hub.ledger import NOTHING, Ledger, Remember, StaleRegistry
from recognition.hub.scenes import Scene, put_scenes
from recognition.node.connections import Redis
from recognition.node.messages import SceneReference, SnapshotRef
from tests.hub.refs import CAMERA, snapshot
from tests.recognizers import RECIPE, scene

REFRESH_S = 10.0
HALL = Scene(CAMERA, "a" * 32, 100_000, RECIPE, 3, scene("hall"))


def put(hub: Redis, *scenes: Scene) -> None:
    put_scenes(hub, scenes, REFRESH_S)


def kept(hub: Redis) -> bytes | None:
    signature: bytes | None = hub.hget(keys.scene(CAMERA), "signature")
    return signature


async def accepted(ledger: Ledger, ref: SnapshotRef) -> SceneReference | None:
    return await ledger.accept_miss(ref, b"photo", 3, 1, 5000, NOTHING)


class TestKeeping:
    def test_it_is_forgotten_in_time(self, hub: Redis) -> None:
        put(hub, HALL)
        assert kept(hub) == scene("hall")
        assert 0 < hub.pttl(keys.scene(CAMERA)) <= 3 * REFRESH_S * 1000

    @pytest.mark.parametrize("later_ms", [0, -1])
    def test_one_that_was_not_taken_later_does_not_replace_it(self, hub: Redis, later_ms: int) -> None:
        put(hub, HALL)
        hub.pexpire(keys.scene(CAMERA), 500)
        put(hub, replace(HALL, captured_at_ms=HALL.captured_at_ms + later_ms, signature=scene("yard")))
        assert kept(hub) == scene("hall")
        assert hub.pttl(keys.scene(CAMERA)) <= 500

    def test_one_that_was_taken_later_does(self, hub: Redis) -> None:
        put(hub, HALL)
        put(hub, replace(HALL, captured_at_ms=HALL.captured_at_ms + 1, signature=scene("yard")))
        assert kept(hub) == scene("yard")

    def test_of_a_batch_the_last_taken_is_kept(self, hub: Redis) -> None:
        put(hub, *(replace(HALL, captured_at_ms=at, signature=scene(str(at))) for at in (1000, 3000, 2000)))
        assert kept(hub) == scene("3000")

    def test_each_camera_has_its_own(self, hub: Redis) -> None:
        put(hub, HALL, replace(HALL, camera=8, signature=scene("yard")))
        assert kept(hub) == scene("hall")
        assert hub.hget(keys.scene(8), "signature") == scene("yard")

    def test_none_are_nothing_to_the_hub(self, hub: Redis) -> None:
        put(hub)
        assert hub.dbsize() == 0


class TestAccepting:
    @pytest.mark.parametrize("age_ms", [0, 1, 9_999])
    async def test_a_fresh_scene_is_returned_and_noted(self, ledger: Ledger, hub: Redis, age_ms: int) -> None:
        put(hub, HALL)
        ref = snapshot(HALL.captured_at_ms + age_ms, may_repeat=True)
        assert await accepted(ledger, ref) == SceneReference("a" * 32, 100_000, scene("hall"))
        assert hub.hget(keys.ledger_entry(ref.id), "scene") == b"a" * 32

    @pytest.mark.parametrize("age_ms", [-1, 10_000])
    async def test_a_newer_or_an_old_one_is_not(self, ledger: Ledger, hub: Redis, age_ms: int) -> None:
        put(hub, HALL)
        await nothing_is_returned(ledger, hub, snapshot(HALL.captured_at_ms + age_ms, may_repeat=True))

    async def test_one_of_another_recipe_is_not(self, ledger: Ledger, hub: Redis) -> None:
        put(hub, replace(HALL, recipe="reference.0.fp32"))
        await nothing_is_returned(ledger, hub, snapshot(HALL.captured_at_ms, may_repeat=True))

    async def test_one_of_another_camera_is_not(self, ledger: Ledger, hub: Redis) -> None:
        put(hub, HALL)
        await nothing_is_returned(ledger, hub, snapshot(HALL.captured_at_ms, camera=8, may_repeat=True))

    async def test_a_snapshot_that_must_be_looked_at_is_given_none(self, ledger: Ledger, hub: Redis) -> None:
        put(hub, HALL)
        await nothing_is_returned(ledger, hub, snapshot(HALL.captured_at_ms))

    async def test_one_from_before_a_change_of_the_gallery_is_not(self, ledger: Ledger, hub: Redis) -> None:
        put(hub, HALL)
        hub.set(keys.epoch("gallery"), HALL.gallery_epoch + 1)
        await nothing_is_returned(ledger, hub, snapshot(HALL.captured_at_ms, may_repeat=True))

    async def test_one_from_after_it_is(self, ledger: Ledger, hub: Redis) -> None:
        put(hub, HALL)
        hub.set(keys.epoch("gallery"), HALL.gallery_epoch)
        assert await accepted(ledger, snapshot(HALL.captured_at_ms, may_repeat=True))

    async def test_a_snapshot_that_is_refused_is_given_none(self, ledger: Ledger, hub: Redis) -> None:
        put(hub, HALL)
        hub.set(keys.epoch("registry"), 2)
        ref = snapshot(HALL.captured_at_ms, may_repeat=True)
        with pytest.raises(StaleRegistry):
            await ledger.accept_miss(ref, b"photo", 3, 1, 5000, Remember("key", b"reply"))
        assert not hub.exists(keys.ledger_entry(ref.id))


async def nothing_is_returned(ledger: Ledger, hub: Redis, ref: SnapshotRef) -> None:
    assert await accepted(ledger, ref) is None
    assert hub.hkeys(keys.ledger_entry(ref.id)) == [b"ref", b"photo", b"nodes"]
    assert hub.zscore(keys.LEDGER_DUE, ref.id) == 5000
