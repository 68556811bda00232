"""One user of each role, a group they watch, and what the pages look at."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from cameras.models import Camera, CameraGroup, Node
from recognition.node.snapshot_id import new_snapshot_id
from recognition.people.models import Person
from recognition.sightings.models import Outcome

SignedIn = Callable[[str], Client]
Recorded = Callable[..., Outcome]


@pytest.fixture
def group(db: None) -> CameraGroup:
    return CameraGroup.objects.create(slug="entrance", name="Entrance")


@pytest.fixture
def camera(group: CameraGroup) -> Camera:
    return Camera.objects.create(slug="gate-1", name="Gate 1", group=group)


@pytest.fixture
def node(db: None) -> Node:
    return Node.objects.create(name="node-1", address="redis://localhost:1")


@pytest.fixture
def signed_in(group: CameraGroup) -> SignedIn:
    """A client signed in as someone of this role who watches `group`; "" is a user without a role."""

    def client_of(role: str) -> Client:
        user = User.objects.create_user(f"some-{role or 'body'}", password="right")
        user.groups.add(*Group.objects.filter(name=role))
        group.staff.add(user)
        client = Client()
        client.force_login(user)
        return client

    return client_of


@pytest.fixture
def recorded(camera: Camera, node: Node) -> Recorded:
    """Records an outcome of `camera`."""

    def record(captured_at: datetime | None = None, **fields: Any) -> Outcome:
        at = captured_at or timezone.now()
        known = {
            "purpose": "camera",
            "camera": camera,
            "node": node,
            "digest": "0" * 64,
            "state": "done",
            "way": "miss",
        }
        times = {"captured_at": at, "received_at": at, "recorded_at": at + timedelta(milliseconds=12)}
        size = {"width_px": 640, "height_px": 480}
        return Outcome.objects.create(
            **{"snapshot": new_snapshot_id(time.time_ns() // 1_000_000), **known, **times, **size, **fields}
        )

    return record


@pytest.fixture
def person(db: None) -> Person:
    return Person.objects.create(name="Eileen Collins")
