"""What a user may see and do. Every queryset, websocket and media view goes through a `Scope`."""

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase

from cameras.models import Camera, CameraGroup
from cameras.roles import ROLE_RIGHTS, SEES_ALL_GROUPS, Right

P = ParamSpec("P")
M = TypeVar("M", bound=Model)


class Scope:
    """The rights of one user at the moment of the first question; make a new one for each request or check.

    Asks the database, so it is used from synchronous code. `user` is read as given: who is held for longer than a
    request (a websocket) is loaded anew first.
    """

    def __init__(self, user: AbstractBaseUser | AnonymousUser) -> None:
        self._user = user if isinstance(user, User) and user.is_active else None

    @cached_property
    def rights(self) -> frozenset[Right]:
        if self._user is None:
            return frozenset()
        if self._user.is_superuser:
            return frozenset(Right)
        roles = self._user.groups.filter(name__in=ROLE_RIGHTS).values_list("name", flat=True)
        return frozenset[Right]().union(*(ROLE_RIGHTS[role] for role in roles))

    def may(self, right: Right) -> bool:
        return right in self.rights

    @property
    def sees_all_groups(self) -> bool:
        return not SEES_ALL_GROUPS.isdisjoint(self.rights)

    @cached_property
    def group_ids(self) -> frozenset[int]:
        return frozenset(self.groups().values_list("id", flat=True))

    def sees_group(self, group_id: int) -> bool:
        return group_id in self.group_ids

    def groups(self) -> QuerySet[CameraGroup]:
        if self.sees_all_groups:
            return CameraGroup.objects.all()
        if self._user is None or not self.may(Right.WATCH):
            return CameraGroup.objects.none()
        return CameraGroup.objects.filter(staff=self._user)

    def cameras(self) -> QuerySet[Camera]:
        return self.of(Camera.objects.all(), "group")

    def of(self, queryset: QuerySet[M], group_path: str) -> QuerySet[M]:
        """The rows of `queryset` whose camera group, found along `group_path`, is in sight.

        Rows that belong to no group at all are seen only by those who see every group.
        """
        if self.sees_all_groups:
            return queryset
        return queryset.filter(**{f"{group_path}__in": self.groups()})


View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def right_required(*rights: Right) -> Callable[[View[P]], View[P]]:
    """Guards a synchronous view: the log-in page for a stranger, 403 for someone signed in with none of `rights`."""

    def guarded(view: View[P]) -> View[P]:
        @wraps(view)
        def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if Scope(request.user).rights.isdisjoint(rights):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return answer

    return guarded
