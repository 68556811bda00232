from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.db import transaction

from cameras.changes import set_cameras_enabled, set_nodes_cordoned, set_nodes_enabled
from cameras.epochs import REGISTRY, current
from cameras.models import Assignment, Camera, CameraGroup, Node
from cameras.tokens import issue_camera_token, revoke_camera_token
from recognition.intake.models import ApiKey
from tests.cameras.conftest import MakeUser

Change = Callable[[Camera], object]


def rename(camera: Camera) -> None:
    camera.name = "Another"
    camera.save()


def unassign(camera: Camera) -> None:
    Assignment.objects.filter(group=camera.group).delete()


CHANGES: dict[str, Change] = {
    "a camera is made": lambda camera: Camera.objects.create(slug="new", name="New", group=camera.group),
    "a camera is changed": rename,
    "a camera is deleted": lambda camera: camera.delete(),
    "cameras are deleted together": lambda _: Camera.objects.all().delete(),
    "a token is issued": issue_camera_token,
    "a token is revoked": revoke_camera_token,
    "cameras are disabled together": lambda _: set_cameras_enabled(Camera.objects.all(), enabled=False),
    "a group is made": lambda _: CameraGroup.objects.create(slug="new", name="New"),
    "a group is changed": lambda camera: camera.group.save(),
    "a node is made": lambda _: Node.objects.create(name="new", address="redis://new"),
    "a node is changed": lambda _: Node.objects.get().save(),
    "a node is deleted": lambda _: Node.objects.get().delete(),
    "nodes are disabled together": lambda _: set_nodes_enabled(Node.objects.all(), enabled=False),
    "nodes are cordoned together": lambda _: set_nodes_cordoned(Node.objects.all(), cordoned=True),
    "a node is assigned": lambda camera: camera.group.nodes.set(Node.objects.all()),
    "a node is unassigned": unassign,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_the_registrys_epoch_moves_on_when(change: Change, gate: Camera) -> None:
    if change is CHANGES["a node is assigned"]:
        gate.group.nodes.clear()
    before = current(REGISTRY)
    change(gate)
    assert current(REGISTRY) > before


def test_the_epoch_stays_when_an_api_key_is_made(db: None) -> None:
    before = current(REGISTRY)
    ApiKey.objects.create(name="key", scope="identify", key_digest="1")
    assert current(REGISTRY) == before


def test_the_epoch_moves_on_when_who_may_see_a_group_changes(gate: Camera, make_user: MakeUser) -> None:
    user = make_user("viewer")
    before = current(REGISTRY)
    gate.group.staff.add(user)
    added = current(REGISTRY)
    gate.group.staff.clear()
    assert before < added < current(REGISTRY)


def test_the_epoch_moves_on_when_roles_change_and_when_a_user_is_made_inactive(make_user: MakeUser) -> None:
    user = make_user("viewer")
    before = current(REGISTRY)
    user.groups.add(Group.objects.get(name="auditor"))
    promoted = current(REGISTRY)
    user.is_active = False
    user.save()
    assert before < promoted < current(REGISTRY)


def test_logging_in_moves_nothing(make_user: MakeUser) -> None:
    user = make_user("viewer")
    before = current(REGISTRY)
    user.save(update_fields=["last_login"])
    assert current(REGISTRY) == before


class TakenBackError(Exception):
    pass


def test_a_change_that_is_taken_back_takes_the_epoch_back(gate: Camera) -> None:
    before = current(REGISTRY)
    with transaction.atomic():
        rename(gate)
        transaction.set_rollback(True)
    assert current(REGISTRY) == before


@pytest.mark.django_db(transaction=True)
def test_the_row_and_the_epoch_are_saved_together_or_not_at_all(hub_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A save outside any transaction brings its own: a process that dies between the two leaves neither."""
    group = CameraGroup.objects.create(slug="entrance", name="Entrance")

    def die(*_: object) -> None:
        raise TakenBackError

    monkeypatch.setattr("cameras.changes.advance", die)
    group.name = "Never to be seen"
    with pytest.raises(TakenBackError):
        group.save()
    assert CameraGroup.objects.get().name == "Entrance"


def test_cordoning_tells_which_nodes_were_changed(gate: Camera) -> None:
    other = Node.objects.create(name="node-2", address="redis://other", cordoned=True)
    changed = set_nodes_cordoned(Node.objects.all(), cordoned=True)
    assert [node.name for node in changed] == ["node-1"]
    assert set(Node.objects.filter(cordoned=True)) == {*changed, other}
