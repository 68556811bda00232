"""Fills an empty database with a small mall. Called with Django set up, in a process of its own."""

import json
import os
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command

from cameras.models import Assignment, Camera, CameraGroup, Node
from cameras.tokens import issue_camera_token

CAMERAS = 8


def make() -> None:
    """Prints the fields of `benchmarks.mall.Rows` as JSON."""
    print(json.dumps(fill()))


def fill() -> dict[str, Any]:
    """The fields of `benchmarks.mall.Rows`."""
    call_command("migrate", interactive=False, verbosity=0)
    group = CameraGroup.objects.create(slug="benchmark", name="Benchmark")
    for number, url in enumerate(os.environ["BENCHMARK_NODE_URLS"].split(), start=1):
        Assignment.objects.create(group=group, node=Node.objects.create(name=f"node-{number}", address=url))
    cameras = [Camera.objects.create(slug=f"gate-{n}", name=f"Gate {n}", group=group) for n in range(1, CAMERAS + 1)]
    tokens = [issue_camera_token(camera) for camera in cameras]
    return {"tokens": tokens, "session": _session(), "group": group.pk}


def _session() -> str:
    user = User.objects.create_superuser("benchmark")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)
