"""The list of people: found by name, reference number and watchlist; it grows as one scrolls."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cameras.roles import Right
from cameras.scope import Scope, right_required
from recognition.people.access import SEES_PEOPLE
from recognition.people.finding import find_people, with_everything
from recognition.people.models import Watchlist

PER_PAGE = 60
VALIDITY = {"valid": True, "expired": False}


@require_safe
@never_cache
@right_required(*SEES_PEOPLE)
def people(request: HttpRequest) -> HttpResponse:
    """An htmx request gets the rows alone."""
    asked = {name: request.GET.get(name, "") for name in ("search", "watchlist", "validity")}
    watchlist = int(asked["watchlist"]) if asked["watchlist"].isdecimal() else None
    found = find_people(asked["search"], watchlist, only_valid=VALIDITY.get(asked["validity"]))
    page = Paginator(with_everything(found), PER_PAGE).get_page(request.GET.get("page"))
    following = {**asked, "page": page.next_page_number()} if page.has_next() else None
    context = {
        "page": page,
        "more": urlencode(following) if following else "",
        "asked": asked,
        "watchlists": Watchlist.objects.all(),
        "enrols": Scope(request.user).may(Right.ENROL),
    }
    wants_rows = request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request")
    return render(request, "people/rows.html" if wants_rows else "people/people.html", context)
