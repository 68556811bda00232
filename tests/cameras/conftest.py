from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from cameras.models import Assignment, Camera, CameraGroup, Node

SECRET = "hunter2-very-secret"

MakeUser = Callable[..., User]
SignedIn = Callable[..., Client]


@pytest.fixture
def make_user(db: None) -> MakeUser:
    """make_user("viewer", "operator", sees=[group]) -> the user, loaded anew."""

    def make(*roles: str, sees: tuple[CameraGroup, ...] = (), name: str = "", **fields: Any) -> User:
        user = User.objects.create_user(name or "-".join(roles) or "nobody", **fields)
        user.groups.set(Group.objects.filter(name__in=roles))
        for group in sees:
            group.staff.add(user)
        return User.objects.get(pk=user.pk)

    return make


@pytest.fixture
def signed_in(make_user: MakeUser) -> SignedIn:
    def client(*roles: str, **fields: bool) -> Client:
        client = Client()
        client.force_login(make_user(*roles, **fields), "django.contrib.auth.backends.ModelBackend")
        return client

    return client


@pytest.fixture
def administrator(signed_in: SignedIn) -> Client:
    return signed_in("administrator")


@pytest.fixture
def node(db: None) -> Node:
    return Node.objects.create(name="node-1", address=f"redis://alice:{SECRET}@10.0.0.7:6380/2")


@pytest.fixture
def entrance(node: Node) -> CameraGroup:
    group = CameraGroup.objects.create(slug="entrance", name="Entrance")
    Assignment.objects.create(group=group, node=node)
    return group


@pytest.fixture
def garage(db: None) -> CameraGroup:
    return CameraGroup.objects.create(slug="garage", name="Garage")


@pytest.fixture
def gate(entrance: CameraGroup) -> Camera:
    return Camera.objects.create(slug="gate-1", name="Gate 1", group=entrance)
