"""Who may read and change people over the API: staff who are signed in, and integrators with a key made for it."""

from collections.abc import Collection
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import APIKeyCookie, HttpBearer

from cameras.roles import Right
from cameras.scope import Scope
from cameras.tokens import token_digest
from recognition.intake.models import ApiKey
from recognition.intake.problems import Problem
from recognition.people.access import SEES_PEOPLE
from recognition.people.authors import By


class PeopleKey(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> By:
        key = ApiKey.objects.filter(key_digest=token_digest(token)).first()
        if key is None:
            raise Problem(401, "The key is not known; it may have been deleted.")
        if not key.enabled or key.scope != ApiKey.KeyScope.PEOPLE:
            raise Problem(403, "The key is disabled or not meant for this.")
        return By(key_name=key.name)


class StaffWith(APIKeyCookie):
    """Someone signed in who has any of `rights`. A change needs the page's token in X-CSRFToken as well."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self, rights: Collection[Right]) -> None:
        super().__init__()
        self._rights = frozenset(rights)

    def _get_key(self, request: HttpRequest) -> str | None:
        try:
            key: str | None = super()._get_key(request)
        except HttpError:
            raise Problem(403, "Send a key as Authorization: Bearer KEY, or the page's token in X-CSRFToken.") from None
        return key

    def authenticate(self, request: HttpRequest, key: str | None) -> By | None:
        if not request.user.is_authenticated:
            return None
        if self._rights.isdisjoint(Scope(request.user).rights):
            raise Problem(403, "You do not have the right to do this.")
        return By(request.user)


# For synchronous operations: all ask the database. A key that is sent is believed or refused, whoever is signed in.
READS_PEOPLE = [PeopleKey(), StaffWith(SEES_PEOPLE)]
CHANGES_PEOPLE = [PeopleKey(), StaffWith({Right.ENROL})]
CHANGES_WATCHLISTS = [PeopleKey(), StaffWith({Right.ADMINISTER})]


def by(request: HttpRequest) -> By:
    """Who asks, once one of the above has let them in."""
    return cast(By, request.auth)  # type: ignore[attr-defined]
