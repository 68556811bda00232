"""Errors under /api/ that do not come from the API itself: an unknown address, a method that is not there."""

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

PREFIX = "/api/"
_DETAILS = {
    400: "The request makes no sense.",
    403: "This is not allowed.",
    404: "There is nothing at this address.",
    405: "This address does not take the method {method}.",
}


@sync_and_async_middleware
def api_errors_are_json(
    get_response: Callable[[HttpRequest], Any],
) -> Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]:
    """Gives each of them the body that every error of the API has."""
    if iscoroutinefunction(get_response):

        async def answer_later(request: HttpRequest) -> HttpResponseBase:
            return _with_detail(request, await get_response(request))

        return answer_later

    def answer(request: HttpRequest) -> HttpResponseBase:
        return _with_detail(request, get_response(request))

    return answer


def _with_detail(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    is_json = response.headers.get("Content-Type", "").startswith("application/json")
    if response.status_code < 400 or is_json or not request.path.startswith(PREFIX):
        return response
    detail = _DETAILS.get(response.status_code, "The server failed.").format(method=request.method)
    kept = {name: response.headers[name] for name in ("Allow",) if name in response.headers}
    return JsonResponse({"detail": detail}, status=response.status_code, headers=kept)
