"""What every staff page shows around its content."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from cameras.roles import Right
from cameras.scope import Scope
from recognition.people.access import sees_people

# Pages that an entry of the navigation leads to, beside its own.
_BELOW = {"nodes": ("/nodes/",), "people": ("/people/", "/watchlists")}


@dataclass(frozen=True, slots=True)
class NavItem:
    label: str | Promise
    url: str
    icon: str
    current: bool


def staff(request: HttpRequest) -> dict[str, Any]:
    """`scope` and `navigation`; nothing is asked of the database by a page that shows neither."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"scope": None, "navigation": ()}
    scope = SimpleLazyObject(lambda: Scope(user))
    return {"scope": scope, "navigation": SimpleLazyObject(lambda: _items(request, Scope(user)))}


def _items(request: HttpRequest, scope: Scope) -> list[NavItem]:
    items: list[NavItem] = []
    for label, name, icon, allowed in (
        (_("Wall"), "wall", "layout-grid", scope.may(Right.WATCH)),
        (_("Nodes"), "nodes", "server", scope.may(Right.WATCH)),
        (_("People"), "people", "users", sees_people(scope)),
        (_("Upload"), "upload", "image-up", scope.may(Right.UPLOAD)),
        (_("Admin"), "admin:index", "settings-2", request.user.is_staff),
    ):
        if allowed:
            url = reverse(name)
            current = request.path == url or request.path.startswith(_BELOW.get(name, ()))
            items.append(NavItem(label, url, icon, current))
    return items
