"""Faces and photos from the cameras in sight of the user. Out of sight is not found."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from redis import RedisError

from cameras.roles import Right
from cameras.scope import Scope, right_required
from recognition.hub.newest import newest_photo
from recognition.hub.sync import hub
from recognition.people.private_media import private_photo
from recognition.sightings.models import Sighting

NAMED_PHOTO_CACHE_S = 60


@require_safe
@right_required(Right.WATCH)
def face(request: HttpRequest, sighting_id: int) -> HttpResponse:
    """The best face of a sighting."""
    in_sight = Scope(request.user).of(Sighting.objects.all(), "camera__group")
    return private_photo(get_object_or_404(in_sight, pk=sighting_id).thumbnail)


@require_safe
@right_required(Right.WATCH)
def newest(request: HttpRequest, slug: str) -> HttpResponse:
    """A camera's newest photo. `?snapshot=` is for the browser's cache: asked for by its id, a photo may be kept."""
    camera = get_object_or_404(Scope(request.user).cameras(), slug=slug)
    try:
        found = newest_photo(hub(), camera.pk)
    except RedisError:
        return _plain(_("The hub does not answer."), 503)
    if found is None:
        return _plain(_("This camera has sent no photo lately."), 404)
    named = request.GET.get("snapshot") == found.snapshot
    response = private_photo(found.photo, NAMED_PHOTO_CACHE_S if named else 0)
    response["X-Snapshot"] = found.snapshot
    return response


def _plain(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)
