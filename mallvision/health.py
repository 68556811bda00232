"""Whether the web process answers, for whoever watches it from outside."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Says only that this process answers; it asks neither the hub nor the database."""
    return HttpResponse("ok\n", content_type="text/plain")
