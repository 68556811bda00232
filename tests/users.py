"""A small cast of users, one for each role."""

from django.contrib.auth.models import Group, User
from django.test import Client

from cameras.models import CameraGroup


def user_of(role: str, *groups: CameraGroup) -> User:
    """Someone who holds `role` and is on the staff of `groups`."""
    user = User.objects.create_user(f"{role}-{User.objects.count()}")
    user.groups.add(Group.objects.get(name=role))
    for group in groups:
        group.staff.add(user)
    return user


def client_of(role: str, *groups: CameraGroup) -> Client:
    client = Client()
    client.force_login(user_of(role, *groups))
    return client
