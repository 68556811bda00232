"""The registry in the admin, one file per model."""

from cameras.admin import camera, camera_group, node, user

__all__ = ["camera", "camera_group", "node", "user"]
