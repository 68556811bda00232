import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command

from cameras.roles import ROLE_PERMISSIONS, ROLES
from tests.cameras.conftest import MakeUser

pytestmark = pytest.mark.django_db


def held(role: str) -> set[str]:
    permissions = Group.objects.get(name=role).permissions.select_related("content_type")
    return {f"{row.content_type.app_label}.{row.codename}" for row in permissions}


def in_table(role: str) -> set[str]:
    return {
        f"{label.split('.')[0]}.{action}_{label.split('.')[1]}"
        for label, actions in ROLE_PERMISSIONS[role].items()
        for action in actions.split()
    }


@pytest.mark.parametrize("role", ROLES)
def test_a_role_holds_exactly_the_permissions_of_its_row(role: str) -> None:
    assert held(role) == in_table(role)


@pytest.mark.parametrize("label", sorted({label for table in ROLE_PERMISSIONS.values() for label in table}))
def test_every_model_in_the_table_exists(label: str) -> None:
    apps.get_model(label)


def test_a_permission_given_by_hand_is_gone_after_the_next_migration() -> None:
    Group.objects.get(name="viewer").permissions.add(Permission.objects.get(codename="delete_camera"))
    call_command("migrate", verbosity=0)
    assert held("viewer") == in_table("viewer")


def test_a_permission_taken_by_hand_is_back_after_the_next_migration() -> None:
    Group.objects.get(name="auditor").permissions.clear()
    call_command("migrate", verbosity=0)
    assert held("auditor") == in_table("auditor")


@pytest.mark.parametrize("role", ROLES)
def test_whoever_holds_a_role_may_enter_the_admin(make_user: MakeUser, role: str) -> None:
    assert make_user(role).is_staff


def test_whoever_holds_none_may_not(make_user: MakeUser) -> None:
    assert not make_user().is_staff


def test_who_has_lost_the_last_role_may_no_longer_enter(make_user: MakeUser) -> None:
    user = make_user("viewer", "operator")
    user.groups.remove(Group.objects.get(name="viewer"))
    assert User.objects.get(pk=user.pk).is_staff
    user.groups.clear()
    assert not User.objects.get(pk=user.pk).is_staff
    assert not user.is_staff


def test_members_added_and_removed_from_the_roles_side_count_too(make_user: MakeUser) -> None:
    user, role = make_user(), Group.objects.get(name="viewer")
    role.user_set.add(user)
    assert User.objects.get(pk=user.pk).is_staff
    role.user_set.remove(user)
    assert not User.objects.get(pk=user.pk).is_staff


def test_a_superuser_without_a_role_keeps_the_admin(make_user: MakeUser) -> None:
    user = make_user("viewer", is_superuser=True)
    user.groups.clear()
    assert User.objects.get(pk=user.pk).is_staff
