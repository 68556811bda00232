import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from cameras.models import Camera, CameraGroup
from cameras.roles import ROLE_RIGHTS, ROLES, Right
from cameras.scope import Scope, right_required
from tests.cameras.conftest import MakeUser

EXPECTED = {
    "viewer": {Right.WATCH},
    "operator": {Right.WATCH, Right.UPLOAD},
    "enroller": {Right.WATCH, Right.ENROL},
    "auditor": {Right.WATCH, Right.AUDIT},
    "administrator": set(Right),
}


@pytest.fixture
def garage_camera(garage: CameraGroup) -> Camera:
    return Camera.objects.create(slug="garage-1", name="Garage 1", group=garage)


@pytest.mark.django_db
def test_the_migration_has_made_the_five_roles() -> None:
    assert set(Group.objects.values_list("name", flat=True)) >= set(EXPECTED)


def test_every_role_is_in_the_expectation() -> None:
    assert set(ROLES) == set(EXPECTED)


@pytest.mark.parametrize("role", ROLE_RIGHTS)
def test_a_role_has_its_rights_and_no_other(make_user: MakeUser, role: str) -> None:
    scope = Scope(make_user(role))
    assert {right for right in Right if scope.may(right)} == EXPECTED[role]


def test_the_rights_of_several_roles_add_up(make_user: MakeUser) -> None:
    assert Scope(make_user("operator", "enroller")).rights == {Right.WATCH, Right.UPLOAD, Right.ENROL}


def test_a_superuser_may_all_that_an_administrator_may(make_user: MakeUser) -> None:
    assert Scope(make_user(is_superuser=True)).rights == set(Right)


@pytest.mark.parametrize("role", ["viewer", "operator", "enroller"])
def test_a_role_on_the_floor_sees_only_the_groups_it_is_staff_of(
    make_user: MakeUser, role: str, gate: Camera, garage_camera: Camera
) -> None:
    scope = Scope(make_user(role, sees=(gate.group,)))
    assert list(scope.groups()) == [gate.group]
    assert list(scope.cameras()) == [gate]
    assert scope.group_ids == {gate.group_id}
    assert scope.sees_group(gate.group_id)
    assert not scope.sees_group(garage_camera.group_id)
    assert not scope.sees_all_groups


@pytest.mark.parametrize("role", ["auditor", "administrator"])
def test_a_role_over_the_whole_mall_sees_every_group(
    make_user: MakeUser, role: str, gate: Camera, garage_camera: Camera
) -> None:
    scope = Scope(make_user(role))
    assert scope.sees_all_groups
    assert set(scope.cameras()) == {gate, garage_camera}
    assert scope.group_ids == {gate.group_id, garage_camera.group_id}


def sees_nothing(scope: Scope) -> bool:
    return not (scope.rights or scope.sees_all_groups or scope.group_ids or scope.cameras().exists())


def test_a_stranger_sees_nothing(gate: Camera) -> None:
    assert sees_nothing(Scope(AnonymousUser()))


def test_a_user_without_a_role_sees_nothing_even_as_staff_of_a_group(make_user: MakeUser, gate: Camera) -> None:
    assert sees_nothing(Scope(make_user(sees=(gate.group,))))


def test_a_user_who_is_only_let_into_the_admin_sees_nothing(make_user: MakeUser, gate: Camera) -> None:
    assert sees_nothing(Scope(make_user(is_staff=True)))


@pytest.mark.parametrize("role", ROLE_RIGHTS)
def test_an_inactive_user_sees_nothing(make_user: MakeUser, role: str, gate: Camera) -> None:
    assert sees_nothing(Scope(make_user(role, sees=(gate.group,), is_active=False)))


def test_an_inactive_superuser_sees_nothing(make_user: MakeUser, gate: Camera) -> None:
    assert sees_nothing(Scope(make_user(is_superuser=True, is_active=False)))


def test_a_group_of_another_name_gives_no_right(make_user: MakeUser, gate: Camera) -> None:
    user = make_user(sees=(gate.group,))
    user.groups.add(Group.objects.create(name="night shift"))
    assert sees_nothing(Scope(User.objects.get(pk=user.pk)))


def test_rows_are_cut_down_along_the_path_to_their_group(
    make_user: MakeUser, gate: Camera, garage_camera: Camera
) -> None:
    users = User.objects.filter(camera_groups__isnull=False)
    viewer = make_user("viewer", sees=(gate.group,))
    make_user("viewer", sees=(garage_camera.group,), name="another")
    assert list(Scope(viewer).of(users, "camera_groups")) == [viewer]


@right_required(Right.ENROL)
def enrol(request: HttpRequest, word: str) -> HttpResponse:
    return HttpResponse(word)


def test_a_view_sends_a_stranger_to_the_log_in_page(rf: RequestFactory) -> None:
    request = rf.get("/enrol?x=1")
    request.user = AnonymousUser()
    answer = enrol(request, "done")
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("?next=/enrol%3Fx%3D1")


def test_a_view_refuses_who_lacks_the_right(rf: RequestFactory, make_user: MakeUser) -> None:
    request = rf.get("/enrol")
    request.user = make_user("operator")
    with pytest.raises(PermissionDenied):
        enrol(request, "done")


def test_a_view_answers_who_has_the_right(rf: RequestFactory, make_user: MakeUser) -> None:
    request = rf.get("/enrol")
    request.user = make_user("enroller")
    assert enrol(request, word="done").content == b"done"  # type: ignore[attr-defined]
