import hashlib

import pytest

from cameras.models import Camera
from cameras.tokens import API_KEY, CAMERA, issue_camera_token, new_token, revoke_camera_token, token_digest


def test_a_token_says_what_it_is_for() -> None:
    assert new_token(CAMERA).startswith("mvc_")
    assert new_token(API_KEY).startswith("mvk_")


def test_a_token_holds_256_bits() -> None:
    assert len(new_token(CAMERA).removeprefix("mvc_")) == 43  # base64 of 32 bytes, unpadded


def test_no_two_tokens_are_equal() -> None:
    assert len({new_token(CAMERA) for _ in range(100)}) == 100


def test_the_digest_is_plain_sha256_in_hex() -> None:
    assert token_digest("mvc_x") == hashlib.sha256(b"mvc_x").hexdigest()


def test_a_camera_keeps_only_the_digest_of_its_token(gate: Camera) -> None:
    token = issue_camera_token(gate)
    gate.refresh_from_db()
    assert gate.token_digest == token_digest(token)
    assert token not in str(vars(gate))


def test_a_new_token_replaces_the_old_one(gate: Camera) -> None:
    old = issue_camera_token(gate)
    issue_camera_token(gate)
    assert not Camera.objects.filter(token_digest=token_digest(old)).exists()


def test_a_revoked_camera_has_no_token(gate: Camera) -> None:
    issue_camera_token(gate)
    revoke_camera_token(gate)
    gate.refresh_from_db()
    assert gate.token_digest is None


@pytest.mark.django_db
def test_two_cameras_without_a_token_may_stand_beside_each_other(gate: Camera) -> None:
    Camera.objects.create(slug="gate-2", name="Gate 2", group=gate.group)
