"""Watchlists: what they are called, and how their people are recognised and shown."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cameras.roles import Right
from cameras.scope import Scope, right_required
from recognition.pages.people.forms import WatchlistForm
from recognition.pages.people.person import by_user
from recognition.people.access import SEES_PEOPLE
from recognition.people.editing import remove_watchlist, save_watchlist
from recognition.people.models import Watchlist


@require_safe
@never_cache
@right_required(*SEES_PEOPLE)
def watchlists(request: HttpRequest) -> HttpResponse:
    found = Watchlist.objects.annotate(people_count=Count("memberships")).order_by("name")
    administers = Scope(request.user).may(Right.ADMINISTER)
    return render(request, "watchlists/watchlists.html", {"watchlists": found, "administers": administers})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@right_required(Right.ADMINISTER)
def edit_watchlist(request: HttpRequest, watchlist_id: int | None = None) -> HttpResponse:
    """Without an id: a new one."""
    watchlist = get_object_or_404(Watchlist, pk=watchlist_id) if watchlist_id else Watchlist()
    form = WatchlistForm(request.POST if request.method == "POST" else None, instance=watchlist)
    if form.is_valid():
        try:
            save_watchlist(watchlist, by_user(request))
        except ValidationError as why:
            form.add_error(None, why)
        else:
            return HttpResponseRedirect(reverse("watchlists"))
    return render(request, "watchlists/form.html", {"form": form, "watchlist_id": watchlist_id})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@right_required(Right.ADMINISTER)
def drop_watchlist(request: HttpRequest, watchlist_id: int) -> HttpResponse:
    """Asks first, and says how many people are on it."""
    watchlist = get_object_or_404(Watchlist, pk=watchlist_id)
    if request.method != "POST":
        context = {"watchlist": watchlist, "people_count": watchlist.memberships.count()}
        return render(request, "watchlists/remove.html", context)
    remove_watchlist(watchlist, by_user(request))
    messages.success(request, _("The watchlist was removed."))
    return HttpResponseRedirect(reverse("watchlists"))
