import re

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from cameras.models import Node
from tests.cameras.conftest import SECRET

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hub_url")]

NEW_SECRET = "newly-typed-secret"
ADD = "admin:cameras_node_add"
CHANGE = "admin:cameras_node_change"


def form(address: str, **fields: str) -> dict[str, str]:
    no_groups = {"assignments-TOTAL_FORMS": "0", "assignments-INITIAL_FORMS": "0"}
    return {"name": "node-1", "weight": "1", "enabled": "on", "redis_address": address, **no_groups, **fields}


def save(client: Client, node: Node, address: str, **fields: str) -> str:
    """Saves the node's form and gives the page that answers."""
    answer = client.post(reverse(CHANGE, args=[node.pk]), form(address, **fields), follow=True)
    node.refresh_from_db()
    return answer.content.decode()


def test_a_node_is_made_with_its_address(administrator: Client) -> None:
    administrator.post(reverse(ADD), form("unix:///run/node.sock"))
    assert Node.objects.get().address == "unix:///run/node.sock"


def test_the_form_shows_stars_for_the_password(administrator: Client, node: Node) -> None:
    shown = administrator.get(reverse(CHANGE, args=[node.pk])).content.decode()
    assert 'value="redis://alice:***@10.0.0.7:6380/2"' in shown
    assert SECRET not in shown


def test_saving_with_the_stars_in_place_keeps_the_password(administrator: Client, node: Node) -> None:
    before = node.address
    save(administrator, node, node.shown_address, weight="3")
    assert (node.address, node.weight) == (before, 3.0)


def test_a_new_password_is_stored(administrator: Client, node: Node) -> None:
    save(administrator, node, f"redis://alice:{NEW_SECRET}@10.0.0.7:6380/2")
    assert node.address == f"redis://alice:{NEW_SECRET}@10.0.0.7:6380/2"


def test_the_stored_password_does_not_follow_to_another_host(administrator: Client, node: Node) -> None:
    before = node.address
    shown = save(administrator, node, "redis://alice:***@evil.example:6380/2")
    assert "write its password again" in shown
    assert node.address == before


def test_a_typed_password_is_not_shown_when_the_form_comes_back_with_an_error(
    administrator: Client, node: Node
) -> None:
    shown = save(administrator, node, f"redis://alice:{NEW_SECRET}@10.0.0.7:6380/2", weight="heavy")
    assert 'value="redis://alice:@10.0.0.7:6380/2"' in shown
    assert NEW_SECRET not in shown


def test_a_form_that_came_back_is_not_saved_before_the_password_is_typed_again(
    administrator: Client, node: Node
) -> None:
    before = node.address
    shown = save(administrator, node, "redis://alice:@10.0.0.7:6380/2")
    assert "The password is missing" in shown
    assert node.address == before


@pytest.mark.parametrize(
    "address",
    [
        f"http://:{NEW_SECRET}@host",
        f"redis://:{NEW_SECRET}@host:port",
        f"redis://:{NEW_SECRET}#1@host",
        f"redis://{NEW_SECRET}@host",
        f"redis://:{NEW_SECRET}",
        f"redis://host?password={NEW_SECRET}",
    ],
)
def test_a_bad_address_is_a_form_error_that_repeats_no_password(administrator: Client, address: str) -> None:
    answer = administrator.post(reverse(ADD), form(address))
    assert answer.context["adminform"].form.errors["redis_address"]
    assert NEW_SECRET not in answer.content.decode()
    assert not Node.objects.exists()


def test_stars_in_a_new_nodes_address_are_refused(administrator: Client) -> None:
    answer = administrator.post(reverse(ADD), form("redis://:***@host"))
    assert "in place of the three stars" in answer.content.decode()


def test_two_nodes_cannot_be_at_one_address(administrator: Client, node: Node) -> None:
    answer = administrator.post(reverse(ADD), form("redis://10.0.0.7:6380/2", name="node-2"))
    assert "The node node-1 is at this address already." in answer.content.decode()


def test_no_page_message_history_session_or_log_holds_a_password(
    administrator: Client, node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    seen = save(administrator, node, f"redis://alice:{NEW_SECRET}@127.0.0.1:1/2")
    for name, arguments in (
        ("admin:cameras_node_changelist", ()),
        (CHANGE, (node.pk,)),
        ("admin:cameras_node_history", (node.pk,)),
        ("admin:cameras_node_delete", (node.pk,)),
        ("admin:index", ()),
    ):
        seen += administrator.get(reverse(name, args=arguments)).content.decode()
    seen += administrator.post(
        reverse("admin:cameras_node_changelist"), {"action": "test_connections", "_selected_action": [node.pk]}
    ).content.decode()
    seen += str(list(LogEntry.objects.values())) + str(dict(administrator.session)) + caplog.text
    assert "redis://alice:***@127.0.0.1:1/2" in seen
    assert SECRET not in seen
    assert NEW_SECRET not in seen


def test_the_history_tells_that_the_address_was_changed(administrator: Client, node: Node) -> None:
    save(administrator, node, "redis://10.0.0.8")
    shown = administrator.get(reverse("admin:cameras_node_history", args=[node.pk])).content.decode()
    assert re.search(r"Changed address", shown, re.IGNORECASE)


def test_the_connection_action_says_what_it_found(administrator: Client, node_urls: list[str]) -> None:
    nodes = [Node.objects.create(name=f"node-{number}", address=url) for number, url in enumerate(node_urls)]
    nodes.append(Node.objects.create(name="lost", address="unix:///nowhere/node.sock"))
    answer = administrator.post(
        reverse("admin:cameras_node_changelist"),
        {"action": "test_connections", "_selected_action": [node.pk for node in nodes]},
    ).content.decode()
    assert answer.count("(standalone)") == len(node_urls)
    assert "There is no socket at this path." in answer


def test_the_page_of_findings_leads_back_to_the_list(administrator: Client) -> None:
    node = Node.objects.create(name="lost", address="unix:///nowhere/node.sock")
    answer = administrator.post(
        reverse("admin:cameras_node_changelist"), {"action": "test_connections", "_selected_action": [node.pk]}
    ).content.decode()
    assert "Each node was really connected to" in answer
    assert f'href="{reverse("admin:cameras_node_changelist")}"' in answer


def test_a_node_behind_sentinels_keeps_both_passwords_behind_stars(administrator: Client) -> None:
    address = f"redis+sentinel://alice:{SECRET}@a,b:5/mall?sentinel_password={SECRET}-2"
    administrator.post(reverse(ADD), form(address))
    node = Node.objects.get()
    assert node.address == address
    shown = administrator.get(reverse(CHANGE, args=[node.pk])).content.decode()
    assert 'value="redis+sentinel://alice:***@a,b:5/mall?sentinel_password=***"' in shown
    assert SECRET not in shown
    save(administrator, node, node.shown_address, weight="3")
    assert (node.address, node.weight) == (address, 3.0)


def test_stars_for_the_sentinels_of_a_new_node_are_refused(administrator: Client) -> None:
    answer = administrator.post(reverse(ADD), form("redis+sentinel://a/mall?sentinel_password=***"))
    assert "in place of the three stars" in answer.content.decode()


def test_two_nodes_cannot_be_one_cluster(administrator: Client) -> None:
    administrator.post(reverse(ADD), form("redis+cluster://a,b,c"))
    answer = administrator.post(reverse(ADD), form("redis+cluster://c:6379,d", name="node-2"))
    assert "The node node-1 is at this address already." in answer.content.decode()
