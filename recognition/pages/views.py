"""The staff's pages."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cameras.roles import Right
from cameras.scope import Scope, right_required
from recognition.intake.submission import submit_by_hand
from recognition.live.state import hello
from recognition.pages import blanks
from recognition.pages.answer import answer_of
from recognition.pages.credits import read_credits
from recognition.pages.forms import UploadForm
from recognition.pages.tiles import LATE_AFTER, OFFLINE_AFTER, Tile, TileGroup, tile_groups
from recognition.pages.words import WORDS

HAND_TIMEOUT_S = 20.0


@require_safe
@never_cache
@right_required(Right.WATCH)
def wall(request: HttpRequest) -> HttpResponse:
    return render(request, "wall/wall.html", _wall_context(Scope(request.user)))


def _wall_context(scope: Scope) -> dict[str, Any]:
    first, now = hello(scope), timezone.now()
    names = {camera["slug"]: camera["name"] for camera in first["cameras"]}
    results = [{**result, "camera_name": names.get(result["camera"], "")} for result in first["results"]]
    return {
        "groups": tile_groups(first["cameras"], results, now),
        "results": results[::-1],
        "alerts": first["alerts"][::-1],
        "nodes": first["nodes"],
        "totals": first["totals"],
        "troubles": first["troubles"],
        "since": max((result["number"] for result in first["results"]), default=0),
        "now": now,
        "late_after_s": int(LATE_AFTER.total_seconds()),
        "offline_after_s": int(OFFLINE_AFTER.total_seconds()),
        "words": WORDS,
        "blanks": {
            "tile": Tile(),
            "group": TileGroup(),
            "result": blanks.RESULT,
            "alert": blanks.ALERT,
            "node": blanks.NODE,
            "trouble": blanks.TROUBLE,
        },
        "administers": scope.may(Right.ADMINISTER),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@right_required(Right.UPLOAD)
def upload(request: HttpRequest) -> HttpResponse:
    """Sends one photo by hand. An htmx request gets the answer alone, any other the whole page with it."""
    sent = request.method == "POST"
    form = UploadForm(Scope(request.user), *((request.POST, request.FILES) if sent else ()))
    answer = None
    if sent and form.is_valid():
        photo = form.photo_bytes()
        answer = answer_of(submit_by_hand(form.cleaned_data["camera"], photo, HAND_TIMEOUT_S), photo)
    template = "upload/answer.html" if request.headers.get("HX-Request") else "upload/upload.html"
    return render(request, template, {"form": form, "answer": answer})


@require_safe
@right_required(Right.WATCH)
def photo_credits(request: HttpRequest) -> HttpResponse:
    return render(request, "credits.html", {"credits": read_credits(settings.MALLVISION_DATA.demo / "credits.json")})
