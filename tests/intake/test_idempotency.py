"""An Idempotency-Key repeats the first answer."""

import asyncio

from pytest_django import Settings

from cameras.database import in_database_thread
from recognition.hub import keys
from recognition.intake.replies import RememberedReply, encode_remembered
from recognition.node.admission import Limits
from recognition.node.connections import Redis
from recognition.sightings.models import Outcome
from tests.faces import outcome
from tests.mall import Mall, Web, all_working
from tests.photos import photo
from tests.waiting import until


async def test_the_first_answer_is_repeated(web: Web, mall: Mall, hub: Redis) -> None:
    picture = photo()
    first = await web.post(picture, idempotency_key="one")
    second = await web.post(picture, idempotency_key="one")
    assert second.status == 202
    assert second.body == first.body
    assert int(hub.hget(keys.RECEIVED, mall.camera.pk)) == 1


async def test_a_repeat_that_waits_is_told_the_outcome_of_the_first(web: Web, mall: Mall) -> None:
    picture = photo()
    first = await web.post(picture, idempotency_key="one")
    with all_working(mall):
        second = await web.post(picture, "wait=10", idempotency_key="one")
        third = await web.post(picture, idempotency_key="one")
    assert second.status == 200
    assert second.body["id"] == first.body["id"]
    assert third.body == first.body
    assert await Outcome.objects.acount() == 1


async def test_the_answer_to_a_hit_is_repeated_too(web: Web, mall: Mall) -> None:
    picture = photo()
    with all_working(mall):
        await web.post(picture, "wait=10")
        first = await web.post(picture, idempotency_key="one")
        second = await web.post(picture, idempotency_key="one")
    assert first.status == second.status == 200
    assert second.body["id"] == first.body["id"]


async def test_a_key_used_for_another_photo_is_refused(web: Web) -> None:
    await web.post(photo(), idempotency_key="one")
    answer = await web.post(photo(), idempotency_key="one")
    assert (answer.status, "another photo" in answer.body["detail"]) == (422, True)


async def test_two_keys_are_two_snapshots(web: Web) -> None:
    picture = photo()
    first = await web.post(picture, idempotency_key="one")
    second = await web.post(picture, idempotency_key="two")
    assert first.body["id"] != second.body["id"]


async def test_an_outcome_that_cannot_be_remembered_is_told_all_the_same(web: Web, mall: Mall, hub: Redis) -> None:
    sending = asyncio.create_task(web.post(photo(), "wait=10", idempotency_key="one"))
    await until(lambda: hub.zcard(keys.LEDGER_DUE))
    (snapshot,) = hub.zrange(keys.LEDGER_DUE, 0, -1)
    hub.execute_command("ACL", "SETUSER", "default", "-set")
    try:
        await in_database_thread(outcome(mall.camera, snapshot.decode()).save)()
        assert (await sending).status == 200
    finally:
        hub.execute_command("ACL", "SETUSER", "default", "+set")


async def test_nothing_is_promised_to_a_repeat_before_a_node_has_the_photo(
    web: Web, mall: Mall, hub: Redis, settings: Settings
) -> None:
    settings.MALLVISION_QUEUE_LIMITS = Limits(1, 10**9)
    for _ in range(12):
        await web.post(photo())
    picture = photo()
    answers = await asyncio.gather(*(web.post(picture, idempotency_key="one") for _ in range(4)))
    assert {answer.status for answer in answers} <= {409, 503}


async def test_a_repeat_meanwhile_is_told_to_come_again(web: Web, mall: Mall, hub: Redis) -> None:
    picture = photo()
    first = await web.post(picture, idempotency_key="one")
    (key,) = hub.keys("remembered:*")
    pending = RememberedReply(first.body["id"], first.body["digest"], 0, b"")
    hub.set(key, encode_remembered(pending))
    again = await web.post(picture, idempotency_key="one")
    assert (again.status, again.headers["retry-after"]) == (409, "1")
