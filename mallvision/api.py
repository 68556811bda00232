"""The HTTP API and its one OpenAPI document, the snapshot route's part included."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from recognition.imports.api import router as imports_router
from recognition.intake import replies
from recognition.intake.api import router
from recognition.intake.nodes_api import router as nodes_router
from recognition.intake.openapi import SNAPSHOTS_PATH
from recognition.intake.people_api import router as people_router
from recognition.intake.problems import Problem
from recognition.intake.snapshots import PATH
from recognition.intake.stats_api import router as stats_router
from recognition.intake.watchlists_api import router as watchlists_router


class MallVisionAPI(NinjaAPI):
    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        schema["paths"] = {PATH: SNAPSHOTS_PATH, **schema["paths"]}
        return schema


api = MallVisionAPI(
    title="MallVision",
    version="1",
    urls_namespace="api",
    description="Cameras send snapshots; integrators ask who is on a photo, or how all is doing, and look after "
    "who is enrolled. "
    'Every error body is {"detail": "..."}.',
)
api.add_router("", router)
api.add_router("", stats_router)
api.add_router("", nodes_router)
api.add_router("", people_router)
api.add_router("", watchlists_router)
api.add_router("", imports_router)


def _response(what: Problem) -> HttpResponse:
    reply = replies.problem(what)
    headers = {name.decode(): value.decode() for name, value in reply.headers}
    return HttpResponse(reply.body, status=reply.status, content_type="application/json", headers=headers)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, what: Problem) -> HttpResponse:
    return _response(what)


@api.exception_handler(AuthenticationError)
def _no_token(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return _response(Problem(401, "Send a token as Authorization: Bearer TOKEN."))


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return _response(Problem(error.status_code, str(error)))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    told = "; ".join(f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors)
    return _response(Problem(422, told))
