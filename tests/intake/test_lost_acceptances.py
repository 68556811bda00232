"""The hub accepts a snapshot, and its reply is lost: the camera is told 503 all the same."""

from collections.abc import Callable

import pytest
import redis
from pytest_django import Settings

from recognition.hub import keys
from recognition.hub.counts import Counts, accounts
from recognition.hub.ledger import Ledger, Remember
from recognition.hub.sync import hub
from recognition.intake import dispatch
from recognition.intake.process import web_process
from recognition.monitor.monitor import Monitor
from recognition.node import keys as node_keys
from recognition.node.admission import Limits
from recognition.node.messages import SnapshotRef
from recognition.sightings.models import Outcome
from tests.mall import Answer, Mall, Web, all_working, in_thread
from tests.photos import photo
from tests.waiting import until

Lose = Callable[[str], None]


@pytest.fixture
def lose(web: Web, monkeypatch: pytest.MonkeyPatch) -> Lose:
    """The next reply to this script of the ledger's is lost on its way to the web process."""

    def lose(name: str) -> None:
        ledger = web_process().ledger
        script = getattr(ledger, name)

        async def lost(**given: object) -> None:
            monkeypatch.setattr(ledger, name, script)
            await script(**given)
            raise redis.ConnectionError

        monkeypatch.setattr(ledger, name, lost)

    return lose


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From now on it is five seconds later."""
    return lambda: monkeypatch.setattr(dispatch, "FIRST_LOOK_MS", 0)


async def all_done(mall: Mall, count: int) -> None:
    """Whatever stands in the ledger has its outcome, and the counts add up to so many."""
    for snapshot in hub().zrange(keys.LEDGER_DUE, 0, -1):
        hub().zadd(keys.LEDGER_DUE, {snapshot: 1})
    monitor = Monitor()
    with all_working(mall), in_thread(monitor.run, monitor.stop):
        await until(lambda: accounts(hub()).total == Counts(count, done=count))
    assert await Outcome.objects.acount() == count


async def test_a_repeat_is_told_to_wait_and_then_has_the_first_snapshot(
    mall: Mall, web: Web, lose: Lose, later: Callable[[], None]
) -> None:
    picture = photo()
    lose("_accept_miss")
    first = await web.post(picture, idempotency_key="one")
    (snapshot,) = hub().zrange(keys.LEDGER_DUE, 0, -1)
    assert (first.status, "may not have been accepted" in first.body["detail"]) == (503, True)
    assert (await web.post(picture, idempotency_key="one")).status == 409
    later()
    repeats = [await web.post(picture, idempotency_key="one") for _ in range(2)]
    assert [(one.status, one.body["id"]) for one in repeats] == [(202, snapshot.decode())] * 2
    await all_done(mall, 1)


async def test_a_repeat_that_comes_after_its_outcome_is_told_that(
    mall: Mall, web: Web, lose: Lose, later: Callable[[], None]
) -> None:
    picture = photo()
    lose("_accept_miss")
    await web.post(picture, idempotency_key="one")
    await all_done(mall, 1)
    later()
    repeat = await web.post(picture, "wait=10", idempotency_key="one")
    assert (repeat.status, repeat.body["id"]) == (200, (await Outcome.objects.aget()).snapshot)


async def test_a_repeat_of_a_hit_has_its_answer_at_once(mall: Mall, web: Web, lose: Lose) -> None:
    picture = photo()
    with all_working(mall):
        await web.post(picture, "wait=10")
    lose("_accept_hit")
    first = await web.post(picture, idempotency_key="one")
    repeat = await web.post(picture, idempotency_key="one")
    assert (first.status, repeat.status, repeat.headers["idempotency-replayed"]) == (503, 200, "true")
    await all_done(mall, 2)


async def test_without_a_key_it_is_a_second_snapshot_and_each_has_its_outcome(mall: Mall, web: Web, lose: Lose) -> None:
    picture = photo()
    lose("_accept_miss")
    assert (await web.post(picture)).status == 503
    assert (await web.post(picture)).status == 202
    await all_done(mall, 2)


async def test_one_that_was_promised_to_a_repeat_is_not_taken_back(
    mall: Mall, web: Web, later: Callable[[], None], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nodes are full when the first request hears so at last, long after it was accepted."""
    picture = photo()
    taken_back = Ledger.take_back
    repeats: list[Answer] = []

    async def late(ledger: Ledger, ref: SnapshotRef, remember: Remember) -> bool:
        repeats.append(await web.post(picture, idempotency_key="one"))
        return await taken_back(ledger, ref, remember)

    later()
    monkeypatch.setattr(Ledger, "take_back", late)
    settings.MALLVISION_QUEUE_LIMITS = Limits(1, 10**9)
    for node in mall.nodes:
        mall.redis_of(node).xadd(node_keys.ONLY.jobs, {"photo": "in the way"})
    first = await web.post(picture, idempotency_key="one")
    settings.MALLVISION_QUEUE_LIMITS = Limits(9, 10**9)
    assert [answer.status for answer in (first, *repeats)] == [202, 202]
    assert first.body["id"] == repeats[0].body["id"]
    await all_done(mall, 1)
