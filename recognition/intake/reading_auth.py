"""Who may read how the mall is doing: staff who are signed in, and integrators with a key made for it."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer

from cameras.models import Camera, CameraGroup
from cameras.roles import Right
from cameras.scope import Scope
from cameras.tokens import token_digest
from recognition.intake.models import ApiKey
from recognition.intake.problems import Problem


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks. scope: None for a key, which belongs to no user and sees every camera group."""

    scope: Scope | None

    def groups(self) -> QuerySet[CameraGroup]:
        return CameraGroup.objects.all() if self.scope is None else self.scope.groups()

    def cameras(self) -> QuerySet[Camera]:
        return Camera.objects.all() if self.scope is None else self.scope.cameras()


class ReadingKey(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> Reader:
        key = ApiKey.objects.filter(key_digest=token_digest(token)).first()
        if key is None:
            raise Problem(401, "The key is not known; it may have been deleted.")
        if not key.enabled or key.scope != ApiKey.KeyScope.READ:
            raise Problem(403, "The key is disabled or not meant for this.")
        return Reader(None)


class SignedIn(APIKeyCookie):
    param_name = settings.SESSION_COOKIE_NAME

    def authenticate(self, request: HttpRequest, key: str | None) -> Reader | None:
        if not request.user.is_authenticated:
            return None
        scope = Scope(request.user)
        if not scope.may(Right.WATCH):
            raise Problem(403, "You do not have the right to watch.")
        return Reader(scope)


# For synchronous operations: both ask the database. A key that is sent is believed or refused, whoever is signed in.
READING = [ReadingKey(), SignedIn()]
