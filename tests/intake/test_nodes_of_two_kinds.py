"""A group asks for int8, which one of its nodes serves and the other does not: both get photos, and answer them."""

import asyncio
import hashlib

import pytest
from django.conf import LazySettings

from cameras.models import Node
from recognition.hub import keys as hub_keys
from recognition.hub.live_state import NodeState, put_node_states
from recognition.intake.submission import recognise
from recognition.node import keys
from recognition.node.admission import Limits
from recognition.node.client import offer_arguments
from recognition.node.connections import Redis
from recognition.node.messages import Purpose, Recognition, decode_job, decode_ref, job_for
from recognition.node.scripts import OFFER
from recognition.sightings.models import Outcome
from tests.mall import Mall, Web, all_working, collecting, eventually, working
from tests.photos import photo
from tests.recognizers import ENROL, EXACT, RECIPE, StubRecognizer


class ExactRecognizer(StubRecognizer):
    """As on a processor that gains nothing by int8."""

    recipes = frozenset({EXACT, ENROL})


def publish(hub: Redis, kinds: dict[Node, frozenset[str]], workers: int = 1) -> None:
    """As a monitor would that has found these workers, and nothing at other nodes."""
    put_node_states(
        hub, [NodeState(node.pk, node.name, "up", workers, 0, 0, sorted(served)) for node, served in kinds.items()]
    )


@pytest.fixture
def two(mall: Mall, hub: Redis) -> tuple[Node, Node]:
    """The node that serves int8, and the one that does not."""
    mall.nodes[2].enabled = False
    mall.nodes[2].save()
    quick, plain = mall.nodes[:2]
    publish(hub, {quick: StubRecognizer.recipes, plain: ExactRecognizer.recipes})
    return quick, plain


def recipes_asked(mall: Mall, node: Node) -> set[str]:
    jobs = mall.redis_of(node).xrange(keys.ONLY.jobs)
    return {decode_job(fields[b"job"]).recipe for _, fields in jobs if b"job" in fields}


async def test_each_is_asked_for_what_it_serves(mall: Mall, web: Web, two: tuple[Node, Node]) -> None:
    for _ in range(20):
        await web.post(photo())
    assert [recipes_asked(mall, node) for node in two] == [{RECIPE}, {EXACT}]


async def test_the_ledger_keeps_what_the_group_asks_for(
    mall: Mall, web: Web, hub: Redis, two: tuple[Node, Node]
) -> None:
    snapshots = [(await web.post(photo())).body["id"] for _ in range(20)]
    refs = [decode_ref(hub.hget(hub_keys.ledger_entry(snapshot), "ref")) for snapshot in snapshots]
    assert {ref.recipe for ref in refs} == {RECIPE}


async def test_nodes_whose_workers_are_not_known_are_asked_for_what_all_serve(mall: Mall, web: Web, hub: Redis) -> None:
    publish(hub, {mall.nodes[0]: frozenset()}, workers=0)
    for _ in range(20):
        await web.post(photo())
    assert {recipe for node in mall.nodes for recipe in recipes_asked(mall, node)} == {EXACT}


async def test_a_group_that_no_node_can_serve_is_told_so(mall: Mall, web: Web, hub: Redis) -> None:
    publish(hub, dict.fromkeys(mall.nodes, frozenset({"reference.0.fp32"})))
    answer = await web.post(photo())
    assert answer.status == 503
    assert "serves fast.640.int8" in answer.body["detail"]
    assert not hub.hvals(hub_keys.RECEIVED)


async def test_a_full_node_hands_on_to_one_of_the_other_kind(
    mall: Mall, web: Web, hub: Redis, two: tuple[Node, Node], settings: LazySettings
) -> None:
    quick, plain = two
    settings.MALLVISION_QUEUE_LIMITS = Limits(30, 10**9)
    for _ in range(30):
        mall.redis_of(quick).xadd(keys.ONLY.jobs, {"waits": "long"})
    snapshots = [(await web.post(photo())).body["id"] for _ in range(20)]
    offered_to = {hub.hget(hub_keys.ledger_entry(snapshot), "nodes").decode() for snapshot in snapshots}
    assert offered_to == {str(plain.pk)}
    assert recipes_asked(mall, plain) == {EXACT}


async def test_either_answers_and_answers_again_from_its_cache(mall: Mall, web: Web, two: tuple[Node, Node]) -> None:
    photos = [photo() for _ in range(8)]
    quick, plain = two
    with working(quick), working(plain, ExactRecognizer()), collecting():
        first = [await web.post(one, "wait=10") for one in photos]
        second = [await web.post(one) for one in photos]
    assert {answer.body["cached"] for answer in first} == {False}
    assert {answer.body["cached"] for answer in second} == {True}
    assert [answer.body["node"] for answer in first] == [answer.body["node"] for answer in second]


@pytest.mark.parametrize("recognizer", [StubRecognizer(), ExactRecognizer()], ids=["int8", "no int8"])
async def test_equal_photos_are_recognised_once(
    mall: Mall, web: Web, hub: Redis, two: tuple[Node, Node], recognizer: StubRecognizer
) -> None:
    publish(hub, dict.fromkeys(two, recognizer.recipes))
    picture = photo()
    for _ in range(2):
        await web.post(picture)
    with all_working(mall, recognizer):
        eventually(lambda: hub.zcard(hub_keys.LEDGER_DUE) == 0)
    assert recognizer.recognised == [picture]
    assert {outcome.way async for outcome in Outcome.objects.all()} == {"miss", "join"}


@pytest.mark.parametrize("recognizer", [StubRecognizer(), ExactRecognizer()], ids=["int8", "no int8"])
async def test_the_answer_is_found_for_who_waits_for_faces(
    mall: Mall, web: Web, hub: Redis, two: tuple[Node, Node], recognizer: StubRecognizer
) -> None:
    publish(hub, dict.fromkeys(two, recognizer.recipes))
    with all_working(mall, recognizer):
        found = await recognise(photo(), Purpose.IDENTIFY, 10.0)
    assert isinstance(found.answer, Recognition)
    assert not found.cached


async def test_the_answer_is_found_at_the_node_that_was_asked_in_the_end(
    mall: Mall, web: Web, hub: Redis, two: tuple[Node, Node]
) -> None:
    """Which may be another one, of the other kind, than intake had chosen."""
    quick, plain = two
    publish(hub, {quick: StubRecognizer.recipes, plain: frozenset({"reference.0.fp32"})})
    picture = photo()
    waiting = asyncio.create_task(recognise(picture, Purpose.IDENTIFY, 10.0))
    while not mall.redis_of(quick).xlen(keys.ONLY.jobs):
        await asyncio.sleep(0.01)
    _move_to(plain, hub, mall, picture)
    with working(plain, ExactRecognizer()), collecting():
        assert isinstance((await waiting).answer, Recognition)


def _move_to(node: Node, hub: Redis, mall: Mall, picture: bytes) -> None:
    """As the monitor does."""
    (due,) = hub.zrange(hub_keys.LEDGER_DUE, 0, -1)
    entry = hub_keys.ledger_entry(due.decode())
    ref = decode_ref(hub.hget(entry, "ref"))
    hub.hset(entry, "nodes", f"{hub.hget(entry, 'nodes').decode()},{node.pk}")
    offer = mall.redis_of(node).register_script(OFFER)
    offer(
        **offer_arguments(
            keys.ONE_SHARD, ref.id, job_for(ref, EXACT, 600, ref.received_at_ms), picture, Limits(10, 10**9)
        )
    )


async def test_a_face_that_is_kept_is_asked_for_with_the_recipe_of_enrolment(
    mall: Mall, web: Web, two: tuple[Node, Node]
) -> None:
    picture = photo()
    quick, plain = two
    with working(quick), working(plain, ExactRecognizer()), collecting():
        found = await recognise(picture, Purpose.ENROL, 10.0)
    digest = hashlib.sha256(picture).hexdigest()
    assert found.ref.recipe == ENROL
    assert [key.decode() for node in two for key in mall.redis_of(node).keys("image:*")] == [
        keys.ONLY.image(ENROL, digest)
    ]
