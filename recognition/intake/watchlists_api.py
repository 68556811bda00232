"""`/api/v1/watchlists`: people who matter in the same way, for programs."""

from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from ninja import Router, Status

from recognition.intake.api import Detail
from recognition.intake.people_api import GONE, REFUSALS, invalid
from recognition.intake.people_auth import CHANGES_WATCHLISTS, READS_PEOPLE, by
from recognition.intake.people_schemas import WatchlistBody, WatchlistReply
from recognition.intake.problems import Problem
from recognition.people.editing import remove_watchlist, save_watchlist
from recognition.people.models import Watchlist

router = Router(tags=["people"])


@router.get(
    "/watchlists", auth=READS_PEOPLE, response={200: list[WatchlistReply], **REFUSALS}, summary="All watchlists"
)
def get_watchlists(request: HttpRequest) -> list[WatchlistReply]:
    return [_reply(watchlist) for watchlist in _counted()]


@router.post(
    "/watchlists",
    auth=CHANGES_WATCHLISTS,
    response={201: WatchlistReply, **REFUSALS, 422: Detail},
    summary="Add a watchlist",
)
def post_watchlist(request: HttpRequest, body: WatchlistBody) -> Status[WatchlistReply]:
    """Staff need the right to administer."""
    return Status(201, _saved(Watchlist(), body, request))


@router.get("/watchlists/{id}", auth=READS_PEOPLE, response={200: WatchlistReply, **GONE}, summary="One watchlist")
def get_watchlist(request: HttpRequest, id: int) -> WatchlistReply:  # noqa: A002 (the address says so)
    return _reply(_found(id))


@router.put(
    "/watchlists/{id}",
    auth=CHANGES_WATCHLISTS,
    response={200: WatchlistReply, **GONE, 422: Detail},
    summary="Change a watchlist",
)
def put_watchlist(request: HttpRequest, id: int, body: WatchlistBody) -> WatchlistReply:  # noqa: A002
    return _saved(_found(id), body, request)


@router.delete("/watchlists/{id}", auth=CHANGES_WATCHLISTS, response={204: None, **GONE}, summary="Remove a watchlist")
def delete_watchlist(request: HttpRequest, id: int) -> Status[None]:  # noqa: A002
    """Its people stay."""
    remove_watchlist(_found(id), by(request))
    return Status(204, None)


def _counted() -> QuerySet[Watchlist]:
    return Watchlist.objects.annotate(people_count=Count("memberships")).order_by("name")


def _found(number: int) -> Watchlist:
    watchlist = _counted().filter(pk=number).first()
    if watchlist is None:
        raise Problem(404, "There is no such watchlist, or it has been removed.")
    return watchlist


def _saved(watchlist: Watchlist, body: WatchlistBody, request: HttpRequest) -> WatchlistReply:
    for name, value in body.model_dump().items():
        setattr(watchlist, name, value)
    try:
        save_watchlist(watchlist, by(request))
    except ValidationError as why:
        raise invalid(why) from None
    return _reply(_found(watchlist.pk))


def _reply(watchlist: Watchlist) -> WatchlistReply:
    plain = ("id", "name", "kind", "colour", "threshold", "expires_at")
    return WatchlistReply(
        **{name: getattr(watchlist, name) for name in plain},
        in_force=watchlist.is_in_force,
        people=getattr(watchlist, "people_count"),  # noqa: B009 (an annotation of _counted)
    )
