import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from cameras.models import Assignment, Camera, CameraGroup, Node
from cameras.registry import Registry
from cameras.tokens import issue_camera_token, token_digest
from recognition.hub import keys
from recognition.hub.live_state import NodeState, put_node_states
from recognition.hub.sync import hub as product_hub
from tests.cameras.conftest import MakeUser, SignedIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hub_url")]

MODELS = ["cameras_cameragroup", "cameras_camera", "cameras_node", "auth_user", "auth_group"]
CAMERAS = "admin:cameras_camera_changelist"
NODES = "admin:cameras_node_changelist"
GROUPS = "admin:cameras_cameragroup_changelist"


def page(client: Client, name: str, *arguments: object) -> str:
    answer = client.get(reverse(name, args=arguments))
    assert answer.status_code == 200
    return answer.content.decode()


def act(client: Client, list_name: str, action: str, *rows: Camera | Node) -> str:
    """Runs a list's action on the rows and gives the page that answers."""
    answer = client.post(
        reverse(list_name), {"action": action, "_selected_action": [row.pk for row in rows]}, follow=True
    )
    assert answer.status_code == 200
    return answer.content.decode()


def no_inline_rows(*prefixes: str) -> dict[str, str]:
    return {f"{prefix}-{name}_FORMS": "0" for prefix in prefixes for name in ("TOTAL", "INITIAL")}


@pytest.mark.parametrize("model", MODELS)
def test_the_lists_open(administrator: Client, gate: Camera, model: str) -> None:
    page(administrator, f"admin:{model}_changelist")


@pytest.mark.parametrize("model", MODELS[:-1])
def test_the_forms_for_new_rows_open(administrator: Client, model: str) -> None:
    page(administrator, f"admin:{model}_add")


def test_the_forms_of_rows_open(administrator: Client, gate: Camera, node: Node) -> None:
    page(administrator, "admin:cameras_camera_change", gate.pk)
    page(administrator, "admin:cameras_node_change", node.pk)
    page(administrator, "admin:cameras_cameragroup_change", gate.group_id)
    page(administrator, "admin:auth_user_change", User.objects.get().pk)


@pytest.mark.parametrize("model", MODELS[:-1])
def test_an_auditor_sees_the_lists_and_may_add_nothing(signed_in: SignedIn, model: str) -> None:
    auditor = signed_in("auditor")
    page(auditor, f"admin:{model}_changelist")
    assert auditor.get(reverse(f"admin:{model}_add")).status_code == 403


def test_an_auditor_sees_a_nodes_page_without_its_password(signed_in: SignedIn, node: Node) -> None:
    shown = page(signed_in("auditor"), "admin:cameras_node_change", node.pk)
    assert "redis://alice:***@10.0.0.7:6380/2" in shown


@pytest.mark.parametrize("role", ["viewer", "operator", "enroller"])
@pytest.mark.parametrize("model", MODELS)
def test_the_registry_is_closed_to_the_other_roles(signed_in: SignedIn, role: str, model: str) -> None:
    assert signed_in(role).get(reverse(f"admin:{model}_changelist")).status_code == 403


def test_the_filters_of_the_camera_list_filter(administrator: Client, gate: Camera, garage: CameraGroup) -> None:
    tokenless = Camera.objects.create(slug="garage-1", name="By the lift", group=garage, enabled=False)
    issue_camera_token(gate)
    for query in (f"group__id__exact={garage.pk}", "enabled__exact=0", "token=no"):
        listed = administrator.get(reverse(CAMERAS) + "?" + query).context["cl"].result_list
        assert list(listed) == [tokenless]


def test_a_camera_row_tells_when_its_newest_snapshot_was_taken(administrator: Client, gate: Camera) -> None:
    product_hub().hset(f"newest:{gate.pk}", "captured_at", "1700000000000")
    product_hub().hset(keys.RECEIVED, str(gate.pk), "1234567")
    shown = page(administrator, CAMERAS)
    assert "years" in shown
    assert "1234567" in shown.replace(",", "")


def test_a_node_row_tells_how_the_node_is(administrator: Client, node: Node) -> None:
    put_node_states(product_hub(), [NodeState(node.pk, node.name, "degraded", 77, 99, 0, [])])
    shown = page(administrator, NODES)
    assert "degraded" in shown
    assert "77" in shown
    assert "99" in shown


def test_a_node_row_names_the_recipes_of_its_workers(administrator: Client, node: Node) -> None:
    recipes = ["fast.320.fp32", "fast.320.fp32.enrol", "reference.0.fp32"]
    put_node_states(product_hub(), [NodeState(node.pk, node.name, "up", 1, 0, 0, recipes)])
    assert "fast.320.fp32, reference.0.fp32" in page(administrator, NODES)


@pytest.mark.parametrize(
    ("recipes", "said"),
    [
        (["fast.640.int8", "fast.640.fp32"], "1 of 1 nodes serve it"),
        (["fast.640.fp32"], "1 of 1 nodes serve it"),
        (["reference.0.fp32"], "no node serves this recipe"),
    ],
    ids=["it", "its exact twin", "neither"],
)
def test_a_group_row_tells_whether_its_recipe_is_served(
    administrator: Client, entrance: CameraGroup, node: Node, recipes: list[str], said: str
) -> None:
    put_node_states(product_hub(), [NodeState(node.pk, node.name, "up", 1, 0, 0, recipes)])
    assert said in page(administrator, GROUPS)


def test_a_group_row_tells_of_nodes_without_workers(administrator: Client, entrance: CameraGroup, node: Node) -> None:
    put_node_states(product_hub(), [NodeState(node.pk, node.name, "degraded", 0, 0, 0, [])])
    assert "no node is up and has workers" in page(administrator, GROUPS)


def test_a_group_row_tells_that_no_node_that_takes_photos_is_assigned(
    administrator: Client, garage: CameraGroup
) -> None:
    assert "no node that takes photos is assigned" in page(administrator, GROUPS)


def test_groups_are_filtered_by_recipe(administrator: Client, entrance: CameraGroup, garage: CameraGroup) -> None:
    CameraGroup.objects.filter(pk=garage.pk).update(recipe="fast.320.fp32")
    listed = administrator.get(reverse(GROUPS) + "?recipe__exact=fast.320.fp32").context["cl"].result_list
    assert list(listed) == [garage]


def test_a_node_of_which_nothing_is_heard_is_unknown(administrator: Client, node: Node) -> None:
    assert "unknown" in page(administrator, NODES)


@pytest.mark.parametrize("name", [CAMERAS, NODES, GROUPS])
def test_the_lists_open_without_a_hub_and_say_so(
    administrator: Client, gate: Camera, settings: Settings, name: str
) -> None:
    settings.MALLVISION_HUB_URL = "unix:///nowhere/hub.sock"
    assert "the hub does not answer" in page(administrator, name)


def test_a_new_camera_is_answered_with_its_token(administrator: Client, entrance: CameraGroup) -> None:
    form = {"name": "Gate 2", "slug": "gate-2", "group": entrance.pk, "enabled": "on", "priority": 5}
    shown = administrator.post(reverse("admin:cameras_camera_add"), form)
    token = next(word for word in shown.content.decode().split() if word.startswith("mvc_"))
    assert Camera.objects.get(slug="gate-2").token_digest == token_digest(token)


def test_a_camera_skips_unchanged_scenes_until_that_is_switched_off(administrator: Client, gate: Camera) -> None:
    assert Registry.load().cameras[gate.pk].skips_unchanged
    form = {"name": gate.name, "slug": gate.slug, "group": gate.group_id, "enabled": "on", "priority": 5}
    administrator.post(reverse("admin:cameras_camera_change", args=[gate.pk]), form)
    assert not Registry.load().cameras[gate.pk].skips_unchanged


def issued(client: Client, camera: Camera) -> str:
    return next(word for word in act(client, CAMERAS, "issue_tokens", camera).split() if word.startswith("mvc_"))


def test_an_issued_token_is_the_cameras(administrator: Client, gate: Camera) -> None:
    token = issued(administrator, gate)
    gate.refresh_from_db()
    assert gate.token_digest == token_digest(token)


def test_an_issued_token_is_shown_once_and_kept_nowhere(
    administrator: Client, gate: Camera, caplog: pytest.LogCaptureFixture
) -> None:
    token = issued(administrator, gate)
    later = page(administrator, CAMERAS) + page(administrator, "admin:cameras_camera_history", gate.pk)
    later += page(administrator, "admin:cameras_camera_change", gate.pk) + str(dict(administrator.session))
    later += str(list(LogEntry.objects.values())) + caplog.text + str(administrator.cookies)
    assert token not in later


def test_the_page_with_a_token_is_not_to_be_stored(administrator: Client, gate: Camera) -> None:
    answer = administrator.post(reverse(CAMERAS), {"action": "issue_tokens", "_selected_action": [gate.pk]})
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_history_tells_that_a_token_was_issued(administrator: Client, gate: Camera) -> None:
    issued(administrator, gate)
    assert "Issued a new token." in page(administrator, "admin:cameras_camera_history", gate.pk)


def test_a_token_can_be_revoked(administrator: Client, gate: Camera) -> None:
    issue_camera_token(gate)
    act(administrator, CAMERAS, "revoke_tokens", gate)
    gate.refresh_from_db()
    assert gate.token_digest is None


def test_cameras_and_nodes_can_be_disabled_and_enabled(administrator: Client, gate: Camera, node: Node) -> None:
    for row, name in ((gate, CAMERAS), (node, NODES)):
        act(administrator, name, "disable", row)
        row.refresh_from_db()
        assert not row.enabled
        act(administrator, name, "enable", row)
        row.refresh_from_db()
        assert row.enabled


def test_nodes_can_be_cordoned_and_uncordoned_which_is_logged(administrator: Client, node: Node) -> None:
    for action, cordoned in (("cordon", True), ("uncordon", False)):
        act(administrator, NODES, action, node)
        node.refresh_from_db()
        assert node.cordoned is cordoned
    assert set(LogEntry.objects.values_list("change_message", flat=True)) == {"Cordoned.", "Uncordoned."}


def test_an_auditor_cannot_cordon(signed_in: SignedIn, node: Node) -> None:
    act(signed_in("auditor"), NODES, "cordon", node)
    node.refresh_from_db()
    assert not node.cordoned


def test_the_list_of_nodes_can_be_narrowed_to_the_cordoned(administrator: Client, node: Node) -> None:
    Node.objects.create(name="node-2", address="redis://other", cordoned=True)
    shown = administrator.get(reverse(NODES), {"cordoned__exact": "1"}).context["cl"].result_list
    assert [row.name for row in shown] == ["node-2"]


@pytest.mark.parametrize("action", ["issue_tokens", "revoke_tokens", "disable"])
def test_an_auditor_cannot_act_on_cameras(signed_in: SignedIn, gate: Camera, action: str) -> None:
    issue_camera_token(gate)
    before = Camera.objects.values().get()
    act(signed_in("auditor"), CAMERAS, action, gate)
    assert Camera.objects.values().get() == before


def test_a_groups_page_shows_its_nodes_and_its_cameras(administrator: Client, gate: Camera) -> None:
    shown = page(administrator, "admin:cameras_cameragroup_change", gate.group_id)
    assert "node-1" in shown
    assert "gate-1" in shown


def test_a_group_is_made_with_its_assignments(administrator: Client, node: Node) -> None:
    form = {"name": "Roof", "slug": "roof", "recipe": "fast.320.fp32", **no_inline_rows("assignments", "cameras")}
    form |= {"assignments-TOTAL_FORMS": "1", "assignments-0-node": str(node.pk), "assignments-0-weight": "2.5"}
    administrator.post(reverse("admin:cameras_cameragroup_add"), form)
    assert Assignment.objects.get(group__slug="roof", node=node).weight == 2.5


def test_giving_a_role_in_the_users_form_opens_the_admin(administrator: Client, make_user: MakeUser) -> None:
    user = make_user(name="new")
    form = {
        "username": "new",
        "is_active": "on",
        "groups": [Group.objects.get(name="viewer").pk],
        **no_inline_rows("CameraGroup_staff"),
    }
    answer = administrator.post(reverse("admin:auth_user_change", args=[user.pk]), form)
    assert answer.status_code == 302
    user.refresh_from_db()
    assert user.is_staff


def test_an_administrator_cannot_make_a_superuser(administrator: Client, make_user: MakeUser) -> None:
    user = make_user(name="new")
    form = {"username": "new", "is_active": "on", "is_superuser": "on", **no_inline_rows("CameraGroup_staff")}
    administrator.post(reverse("admin:auth_user_change", args=[user.pk]), form)
    user.refresh_from_db()
    assert not user.is_superuser


def test_an_administrator_cannot_set_a_superusers_password(administrator: Client, make_user: MakeUser) -> None:
    root = make_user(name="root", is_superuser=True)
    assert administrator.get(reverse("admin:auth_user_password_change", args=[root.pk])).status_code == 403


def test_even_a_superuser_cannot_change_or_delete_a_role(signed_in: SignedIn) -> None:
    role, client = Group.objects.get(name="viewer"), signed_in(is_superuser=True)
    client.post(reverse("admin:auth_group_change", args=[role.pk]), {"name": "boss", "permissions": []})
    client.post(reverse("admin:auth_group_delete", args=[role.pk]), {"post": "yes"})
    assert Group.objects.filter(name="viewer").exists()
