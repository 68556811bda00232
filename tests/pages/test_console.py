"""The node console: what it shows to whom, and cordoning from it."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from cameras.models import Assignment, CameraGroup, Node
from recognition.hub import keys
from recognition.hub.live_state import NodeState, put_node_states
from recognition.node.connections import Redis
from recognition.sightings.models import NodeTally
from tests.pages.conftest import SignedIn
from tests.pages.page import Page, read

pytestmark = pytest.mark.usefixtures("hub")

SECRET = "hunter2-very-secret"


@pytest.fixture
def node(group: CameraGroup) -> Node:
    node = Node.objects.create(name="node-1", address=f"redis://:{SECRET}@localhost:1")
    Assignment.objects.create(group=group, node=node)
    return node


def report(hub: Redis, node: Node, **changes: Any) -> None:
    known: dict[str, Any] = {"state": "up", "workers": 2, "queued": 3, "seen_at_ms": 0, "recipes": ["fast.640.int8"]}
    put_node_states(hub, [NodeState(node=node.pk, name=node.name, **{**known, **changes})])


def shown(client: Client, **headers: str) -> Page:
    return read(client.get("/nodes", headers=headers).content)


def of_node(page: Page, field: str) -> str:
    return page.texts(data_field=field)[0]


def cordon(client: Client, cordoned: str = "yes", name: str = "node-1") -> Any:
    return client.post("/nodes/cordon", {"node": name, "cordoned": cordoned})


@pytest.mark.parametrize(("role", "status"), [("viewer", 200), ("auditor", 200), ("administrator", 200), ("", 403)])
def test_the_console_is_for_those_who_may_watch(signed_in: SignedIn, node: Node, role: str, status: int) -> None:
    assert signed_in(role).get("/nodes").status_code == status


def test_a_nodes_figures_are_written_for_people(signed_in: SignedIn, node: Node, hub: Redis) -> None:
    NodeTally.objects.create(node=node, hits=1200, joins=3, misses=397)
    figures = {"wait_p50_ms": 1.25, "took_p95_ms": 12_345.0, "oldest_job_s": 150.0, "load": 0.931}
    sizes = {"queued_bytes": 180_000, "memory_bytes": 2_500_000, "memory_limit_bytes": 268_435_456, "evicted": 12_345}
    report(hub, node, **figures, **sizes)
    page = shown(signed_in("viewer"))
    assert of_node(page, "wait_p50_ms") == "1.2 ms"
    assert of_node(page, "took_p95_ms") == "12.3 s"
    assert of_node(page, "took_p50_ms") == "–"
    assert of_node(page, "oldest_job_s") == "2 min"
    assert of_node(page, "load") == "93%"
    assert (of_node(page, "queued_bytes"), of_node(page, "memory_bytes")) == ("180 kB", "2.5 MB")
    assert (of_node(page, "memory_limit_bytes"), of_node(page, "evicted")) == ("268 MB", "12,345")
    assert (of_node(page, "hits"), of_node(page, "hit_rate")) == ("1,200", "75%")


def test_recipes_of_enrolment_go_without_saying(signed_in: SignedIn, node: Node, hub: Redis) -> None:
    report(hub, node, recipes=["fast.640.fp32", "fast.640.fp32.enrol"])
    assert of_node(shown(signed_in("viewer")), "recipes") == "fast.640.fp32"


@pytest.mark.parametrize(("versions", "hidden"), [(["1 fast"], True), (["1 fast", "2 fast"], False)])
def test_workers_of_different_versions_are_warned_of(
    signed_in: SignedIn, node: Node, hub: Redis, versions: list[str], hidden: bool
) -> None:
    report(hub, node, versions=versions)
    (warning,) = shown(signed_in("viewer")).all(data_skew="")
    assert ("hidden" in warning.attributes) is hidden


def test_the_group_says_what_if_its_busiest_node_died(
    signed_in: SignedIn, group: CameraGroup, node: Node, hub: Redis
) -> None:
    other = Node.objects.create(name="node-2", address="redis://localhost:2")
    Assignment.objects.create(group=group, node=other)
    states = [NodeState(one.pk, one.name, "up", 1, 0, 0, [], load=load) for one, load in ((node, 0.6), (other, 0.33))]
    put_node_states(hub, states)
    assert shown(signed_in("viewer")).texts(data_field="spare") == ["Without node-1 the rest would run at 93%."]


def test_only_ones_own_groups_are_shown(signed_in: SignedIn, node: Node) -> None:
    CameraGroup.objects.create(slug="vault", name="Vault")
    groups = shown(signed_in("viewer")).all(class_="panel camera-group")
    assert [group.attributes["data-group"] for group in groups] == ["entrance"]


@pytest.mark.parametrize("role", ["viewer", "administrator"])
def test_no_address_is_on_the_page(signed_in: SignedIn, node: Node, role: str) -> None:
    content = signed_in(role).get("/nodes").content.decode()
    assert SECRET not in content
    assert "redis:" not in content


def test_a_silent_monitor_is_said_to_be(signed_in: SignedIn, node: Node, hub: Redis) -> None:
    report(hub, node)
    hub.decrby(keys.MONITOR_SEEN, 200_000)
    hub.delete(keys.NODE_STATES)  # by now it has lived its time
    page = shown(signed_in("viewer"))
    assert "for 3 min: how the nodes are doing is not known" in page.all(id="monitor-silence")[0].text
    assert of_node(page, "state") == "unknown"


def test_a_monitor_that_reports_is_not_mentioned(signed_in: SignedIn, node: Node, hub: Redis) -> None:
    report(hub, node)
    assert "hidden" in shown(signed_in("viewer")).all(id="monitor-silent")[0].attributes


def test_while_the_hub_is_down_the_page_stands_and_says_so(signed_in: SignedIn, node: Node, settings: Settings) -> None:
    settings.MALLVISION_HUB_URL = "unix:///nowhere.sock"
    page = shown(signed_in("viewer"))
    assert len(page.all(class_="node node--full")) == 1
    assert "hidden" not in page.all(id="hub-down")[0].attributes
    assert "hidden" in page.all(id="monitor-silent")[0].attributes


def test_the_console_speaks_chinese(signed_in: SignedIn, node: Node, hub: Redis) -> None:
    call_command("compile_translations", verbosity=0)
    report(hub, node, state="cordoned")
    page = shown(signed_in("viewer"), accept_language="zh-hans")
    assert of_node(page, "state") == "已封锁"


def test_an_administrator_cordons_and_uncordons(signed_in: SignedIn, node: Node) -> None:
    client = signed_in("administrator")
    assert cordon(client).headers["Location"] == "/nodes#node-node-1"
    node.refresh_from_db()
    assert node.cordoned
    cordon(client, "no")
    node.refresh_from_db()
    assert not node.cordoned


def test_it_stands_in_the_nodes_history_once(signed_in: SignedIn, node: Node) -> None:
    client = signed_in("administrator")
    cordon(client)
    cordon(client)
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.get_change_message()) == (str(node.pk), "Cordoned.")


@pytest.mark.parametrize("role", ["viewer", "operator", "enroller", "auditor", ""])
def test_nobody_else_may_cordon(signed_in: SignedIn, node: Node, role: str) -> None:
    assert cordon(signed_in(role)).status_code == 403
    node.refresh_from_db()
    assert not node.cordoned


def test_only_an_administrator_sees_the_buttons(signed_in: SignedIn, node: Node) -> None:
    assert not shown(signed_in("viewer")).all(name="cordoned")
    buttons = shown(signed_in("administrator")).all(name="cordoned")
    assert [button.attributes["value"] for button in buttons if "hidden" not in button.attributes] == ["yes"]


def test_cordoning_needs_the_pages_token(signed_in: SignedIn, node: Node) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in("administrator").cookies
    assert cordon(strict).status_code == 403


def test_a_node_that_is_not_there_cannot_be_cordoned(signed_in: SignedIn, node: Node) -> None:
    assert cordon(signed_in("administrator"), name="node-9").status_code == 404
