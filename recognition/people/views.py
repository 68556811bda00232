"""Enrolled faces, for those who may see them."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from cameras.scope import Scope
from recognition.people.access import sees_people
from recognition.people.models import Template
from recognition.people.private_media import private_photo


@require_safe
@login_required
def crop(request: HttpRequest, template_id: int) -> HttpResponse:
    """The face that a template was made from."""
    if not sees_people(Scope(request.user)):
        raise PermissionDenied
    return private_photo(get_object_or_404(Template, pk=template_id).crop)
