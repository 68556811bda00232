from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cameras.models import Camera, CameraGroup, Node
from cameras.tokens import token_digest
from recognition.intake.models import ApiKey

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    """What the command printed: the token and nothing else."""
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def test_create_camera_prints_a_token_that_is_the_cameras() -> None:
    token = run("create_camera", "gate-1", "--group", "entrance")
    assert Camera.objects.get(slug="gate-1").token_digest == token_digest(token)


def test_create_camera_makes_the_group_with_every_node(node: Node) -> None:
    Node.objects.create(name="node-2", address="redis://other", enabled=False)
    run("create_camera", "gate-1", "--group", "north-entrance")
    group = CameraGroup.objects.get()
    assert (group.slug, group.name) == ("north-entrance", "North entrance")
    assert [node.name for node in group.nodes.all()] == ["node-1", "node-2"]


def test_create_camera_leaves_the_nodes_of_a_group_alone(garage: CameraGroup, node: Node) -> None:
    run("create_camera", "garage-1", "--group", "garage", "--name", "By the lift")
    assert Camera.objects.get().name == "By the lift"
    assert not garage.nodes.exists()


def test_create_camera_refuses_a_slug_that_is_taken(gate: Camera) -> None:
    with pytest.raises(CommandError, match="There is a camera gate-1 already"):
        run("create_camera", "gate-1", "--group", "entrance")


def test_create_camera_reissues_a_token_when_asked_to(gate: Camera) -> None:
    token = run("create_camera", "gate-1", "--group", "entrance", "--new-token")
    gate.refresh_from_db()
    assert gate.token_digest == token_digest(token)


def test_create_camera_does_not_move_a_camera_to_another_group(gate: Camera, garage: CameraGroup) -> None:
    with pytest.raises(CommandError, match="in group entrance, not in garage"):
        run("create_camera", "gate-1", "--group", "garage", "--new-token")


@pytest.mark.parametrize(("slug", "group"), [("Gate 1", "entrance"), ("gate-1", "The Entrance")])
def test_create_camera_refuses_a_bad_slug_and_leaves_nothing_behind(slug: str, group: str) -> None:
    with pytest.raises(CommandError, match="Small letters, digits and hyphens"):
        run("create_camera", slug, "--group", group)
    assert not Camera.objects.exists()
    assert not CameraGroup.objects.exists()


def test_create_api_key_prints_a_key_that_is_kept_as_a_digest() -> None:
    token = run("create_api_key", "kiosk", "--scope", "identify")
    assert token.startswith("mvk_")
    assert ApiKey.objects.get(name="kiosk", scope="identify").key_digest == token_digest(token)


def test_create_api_key_refuses_a_name_that_is_taken() -> None:
    run("create_api_key", "kiosk", "--scope", "identify")
    with pytest.raises(CommandError, match="There is an API key kiosk already"):
        run("create_api_key", "kiosk", "--scope", "identify")


def test_create_api_key_refuses_an_unknown_scope() -> None:
    with pytest.raises(CommandError, match="invalid choice"):
        run("create_api_key", "kiosk", "--scope", "everything")
