"""The pages about dead letters: what they show, to whom, and what their buttons do."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from cameras.models import Node
from recognition.intake.retrying import BeingSent
from recognition.node import keys
from recognition.node.connections import Redis, connect
from tests.faces import JPEG
from tests.letters import REASON, dead_letter
from tests.pages.conftest import Recorded, SignedIn
from tests.pages.page import read

LIST = "/nodes/dead-letters"

pytestmark = pytest.mark.usefixtures("hub")


@pytest.fixture
def lettered(db: None, node_urls: list[str]) -> Node:
    return Node.objects.create(name="node-7", address=node_urls[0])


@pytest.fixture
def redis_node(node_urls: list[str]) -> Redis:
    return connect(node_urls[0])


@pytest.fixture
def address(lettered: Node, redis_node: Redis) -> str:
    """Of a dead letter's page."""
    return f"{LIST}/node-7/{dead_letter(redis_node, JPEG)}"


@pytest.fixture
def admin(signed_in: SignedIn) -> Client:
    return signed_in("administrator")


@pytest.mark.parametrize("role", ["viewer", "operator", "enroller", "auditor"])
def test_they_are_for_administrators_alone(signed_in: SignedIn, address: str, redis_node: Redis, role: str) -> None:
    client = signed_in(role)
    asked = [client.get(one).status_code for one in (LIST, address, f"{address}/photo")]
    asked += [client.post(f"{address}/{verb}").status_code for verb in ("drop", "retry")]
    assert asked == [403] * 5
    assert redis_node.xlen(keys.ONLY.dead) == 1


def test_the_console_leads_to_them(admin: Client, signed_in: SignedIn) -> None:
    assert LIST.encode() in admin.get("/nodes").content
    assert LIST.encode() not in signed_in("auditor").get("/nodes").content


def test_the_list_says_where_why_how_often_how_many_and_how_large(admin: Client, address: str) -> None:
    page = read(admin.get(LIST).content)
    assert page.texts(href=address) == [REASON]
    shown = {name: page.texts(data_field=name) for name in ("node", "deliveries", "snapshots", "size")}
    assert shown == {"node": ["node-7"], "deliveries": ["3 ×"], "snapshots": ["1"], "size": [f"{len(JPEG)} B"]}


def test_without_any_the_list_says_so(admin: Client, lettered: Node) -> None:
    assert b"There are no dead letters" in admin.get(LIST).content


def test_a_silent_node_is_named_and_the_others_are_shown(admin: Client, address: str, node: Node) -> None:
    page = read(admin.get(LIST).content)
    assert page.all(data_silent=node.name)
    assert page.all(href=address)


def test_a_letter_shows_its_photo_to_whoever_may_see_it_and_to_no_cache(admin: Client, address: str) -> None:
    assert read(admin.get(address).content).all(src=f"{address}/photo")
    answer = admin.get(f"{address}/photo")
    assert (answer.content, answer["Content-Type"]) == (JPEG, "image/jpeg")
    assert answer["Cache-Control"] == "private, no-store"


def test_bytes_that_are_no_picture_are_not_shown_as_one(admin: Client, lettered: Node, redis_node: Redis) -> None:
    address = f"{LIST}/node-7/{dead_letter(redis_node, b'<script>')}"
    assert not read(admin.get(address).content).all(src=f"{address}/photo")
    assert admin.get(f"{address}/photo")["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize("place", ["node-7/1-1", "node-7/1-1/photo", "node-7/nothing", "nobody/1-1"])
def test_what_is_not_there_is_not_found(admin: Client, lettered: Node, place: str) -> None:
    assert admin.get(f"{LIST}/{place}").status_code == 404


@pytest.mark.parametrize("page", ["1-1", "1-1/photo"])
def test_a_letter_of_a_silent_node_is_said_to_be_out_of_reach(admin: Client, node: Node, page: str) -> None:
    answer = admin.get(f"{LIST}/{node.name}/{page}")
    assert answer.status_code == 503
    assert b"does not answer" in answer.content


def test_dropping_one_is_noted_in_the_nodes_history(admin: Client, address: str, redis_node: Redis) -> None:
    page = admin.post(f"{address}/drop", follow=True)
    assert b"The dead letter was dropped." in page.content
    assert redis_node.xlen(keys.ONLY.dead) == 0
    assert LogEntry.objects.get().change_message == f"Dead letter {address.rsplit('/', maxsplit=1)[-1]} dropped."


@pytest.mark.parametrize("verb", ["drop", "retry"])
def test_one_that_is_gone_is_said_to_be(admin: Client, address: str, redis_node: Redis, verb: str) -> None:
    redis_node.delete(keys.ONLY.dead)
    assert b"This dead letter is gone" in admin.post(f"{address}/{verb}", follow=True).content
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("verb", ["drop", "retry"])
def test_a_silent_node_changes_nothing_and_is_named(admin: Client, node: Node, verb: str) -> None:
    page = admin.post(f"{LIST}/{node.name}/1-1/{verb}", follow=True).content
    assert b"The node node-1 does not answer." in page


def test_a_letter_nobody_waits_for_is_kept(admin: Client, address: str, redis_node: Redis) -> None:
    assert b"Nobody waits for this photo any more" in admin.post(f"{address}/retry", follow=True).content
    assert redis_node.xlen(keys.ONLY.dead) == 1


def test_a_refusal_is_said_with_its_reason(
    transactional_db: None, admin: Client, address: str, recorded: Recorded, redis_node: Redis
) -> None:
    recorded(snapshot="a" * 32, state="failed")
    page = admin.post(f"{address}/retry", follow=True).content
    assert b"Not accepted, and kept as a dead letter: 1. No node of the camera&#x27;s group answers" in page
    assert redis_node.xlen(keys.ONLY.dead) == 1


def test_that_somebody_else_sends_it_is_said(
    admin: Client, address: str, redis_node: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_another(*_: object) -> None:
        raise BeingSent

    monkeypatch.setattr("recognition.pages.dead_letters.retry", by_another)
    assert b"Somebody else is sending this dead letter" in admin.post(f"{address}/retry", follow=True).content


@pytest.mark.parametrize("verb", ["drop", "retry"])
def test_buttons_need_the_pages_own_token_and_a_post(admin: Client, address: str, verb: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = admin.cookies
    assert strict.post(f"{address}/{verb}").status_code == 403
    assert admin.get(f"{address}/{verb}").status_code == 405
