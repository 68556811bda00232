"""The secrets of cameras and integrators: 256 random bits, kept as a digest only."""

import hashlib
import secrets
from typing import Literal

from django.db import transaction

from cameras.models import Camera

Prefix = Literal["mvc", "mvk"]
CAMERA: Prefix = "mvc"
API_KEY: Prefix = "mvk"


def new_token(prefix: Prefix) -> str:
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def token_digest(token: str) -> str:
    """SHA-256 in hex. A slow password hash has nothing to add to 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue_camera_token(camera: Camera) -> str:
    """Gives the camera a new token; the old one stops working. The token is returned once and stored nowhere."""
    token = new_token(CAMERA)
    _keep(camera, token_digest(token))
    return token


def revoke_camera_token(camera: Camera) -> None:
    _keep(camera, None)


def _keep(camera: Camera, digest: str | None) -> None:
    camera.token_digest = digest
    with transaction.atomic():
        camera.save(update_fields=["token_digest"])
