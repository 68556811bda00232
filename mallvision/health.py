"""Whether the web process answers, and whether it could accept snapshots, for whoever watches it from outside."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mallvision.readiness import probe


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Says only that this process answers; it asks neither the hub nor the database."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    found = probe.now()
    return JsonResponse(found.checks, status=200 if found.ready else 503)
