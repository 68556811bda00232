"""Two collectors at once: one records. When it dies or hangs the other goes on, and nothing is lost or doubled."""

import asyncio
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from cameras.database import in_database_thread
from cameras.models import Node
from recognition.alerts.models import Alert, AlertRule
from recognition.collector.models import Lease
from recognition.hub import keys as hub_keys
from recognition.node.connections import Redis
from recognition.people.models import Person, Template
from recognition.sightings.models import Outcome, Sighting
from tests.faults.account import accounts_agree, each_ended_once, results_of, sent, until
from tests.mall import Mall, Web, collecting, working
from tests.photos import photo
from tests.processes import Process, kill, running
from tests.recognizers import SPACE, embedding_of

STANDBY_WITHIN_S = 5.0


@pytest.fixture
def collectors(mall: Mall) -> Iterator[list[Process]]:
    with running("manage.py", "run_collector") as one, running("manage.py", "run_collector") as other:
        yield [one, other]


@pytest.fixture
def workers(mall: Mall) -> Iterator[None]:
    with working(mall.nodes[0]), working(mall.nodes[1]), working(mall.nodes[2]):
        yield


def holder() -> int:
    """The process that holds the lease, 0 when there is none."""
    name = Lease.objects.values_list("holder", flat=True).first()
    return int(name.split(":")[1]) if name else 0


def recorded(snapshots: Sequence[str]) -> bool:
    return Outcome.objects.filter(snapshot__in=snapshots).count() == len(snapshots)


async def active_and_standby(collectors: list[Process]) -> tuple[Process, Process]:
    pid = await until(holder)
    one, other = collectors
    return (one, other) if one.pid == pid else (other, one)


@pytest.fixture
def anna(mall: Mall) -> bytes:
    """The photo of someone enrolled, for whom there is a rule."""
    picture = photo()
    template = {"space": SPACE, "crop": b"", "quality": 1.0, "digest": "0" * 64}
    person = Person.objects.create(name="Anna")
    Template.objects.create(person=person, embedding=embedding_of(picture).tobytes(), **template)
    AlertRule.objects.create(name="anyone")
    return picture


async def seen(web: Web, picture: bytes, second: int) -> str:
    answer = await web.post(picture, x_captured_at=f"2026-01-31T09:30:{second:02}Z")
    return str(answer.body["id"])


async def test_the_standby_records_within_5_s_of_the_actives_death(
    mall: Mall, web: Web, collectors: list[Process], workers: None, anna: bytes
) -> None:
    active, _ = await active_and_standby(collectors)
    ids = [await seen(web, anna, second) for second in range(3)]
    sending = asyncio.create_task(sent(web, 100))
    await until(lambda: Outcome.objects.count() >= 10)
    kill(active)
    died_at = time.monotonic()
    ids += await sending
    ids += [last := await seen(web, anna, 3)]
    await until(lambda: recorded([last]))
    assert time.monotonic() - died_at < STANDBY_WITHIN_S
    await each_ended_once(mall, ids)
    assert await Sighting.objects.filter(person__name="Anna").acount() == 1
    assert await Alert.objects.acount() == 1


async def test_one_that_hung_and_woke_up_records_nothing_and_keeps_nothing_back(
    mall: Mall, web: Web, collectors: list[Process], workers: None
) -> None:
    active, standby = await active_and_standby(collectors)
    ids = await sent(web, 5)
    await until(lambda: recorded(ids))
    with stopped(active):
        ids += await sent(web, 20)
        await in_database_thread(release_lease)()
        await until(lambda: recorded(ids))
    ids += await sent(web, 80)  # some of them are read by the one that has just woken up
    await accounts_agree()
    await each_ended_once(mall, ids)
    assert await in_database_thread(holder)() == standby.pid
    assert (await Lease.objects.aget()).fence == 2
    assert active.poll() is None


async def test_killed_between_commit_and_settling_the_next_one_settles(
    mall: Mall, web: Web, lone_node: Node, hub: Redis
) -> None:
    ids = await sent(web, 5)
    with working(lone_node):
        await until(lambda: len(results_of(mall.redis_of(lone_node))) == 5)
    with running("-m", "tests.faults.dying_collector") as dying:
        await until(lambda: dying.poll() == -signal.SIGKILL)
    assert await in_database_thread(recorded)(ids)
    assert hub.zcard(hub_keys.LEDGER_DUE) == 5
    await in_database_thread(release_lease)()
    with collecting():
        await each_ended_once(mall, ids)


def release_lease() -> None:
    """As if its time had run out."""
    Lease.objects.update(holder="")


@contextmanager
def stopped(process: Process) -> Iterator[None]:
    process.send_signal(signal.SIGSTOP)
    yield
    process.send_signal(signal.SIGCONT)
