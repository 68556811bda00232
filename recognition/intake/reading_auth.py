"""Who may read how the installation is doing: staff who watch, signed in, and keys made for it."""

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer

from cameras.models import Camera
from cameras.roles import Right
from cameras.scope import Scope
from cameras.tokens import token_digest
from recognition.intake.models import ApiKey
from recognition.intake.problems import Problem

Reader = Scope | ApiKey


class WatchingStaff(APIKeyCookie):
    """Only for what changes nothing: a cookie alone proves no intent."""

    param_name = settings.SESSION_COOKIE_NAME

    def authenticate(self, request: HttpRequest, key: str | None) -> Scope | None:
        if not request.user.is_authenticated:
            return None
        scope = Scope(request.user)
        if not scope.may(Right.WATCH):
            raise Problem(403, "Your role may not watch.")
        return scope


class ReadingKey(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        key = ApiKey.objects.filter(key_digest=token_digest(token)).first()
        if key is None:
            raise Problem(401, "The key is not known; it may have been deleted.")
        if not key.enabled or key.scope != ApiKey.KeyScope.READ:
            raise Problem(403, "The key is disabled or not meant for this.")
        return key


READERS = [ReadingKey(), WatchingStaff(csrf=False)]


def cameras_in_sight(reader: Reader) -> list[Camera]:
    """A key sees every camera, staff those of their groups."""
    seen = reader.cameras() if isinstance(reader, Scope) else Camera.objects.all()
    return list(seen.order_by("slug"))
