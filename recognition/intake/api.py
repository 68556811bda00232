"""The rest of the integrators' API: how a snapshot ended, and who is on a photo."""

from typing import Any, cast

import msgspec
from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.security import HttpBearer

from cameras.registry import KnownCamera
from cameras.tokens import token_digest
from recognition.intake.finding import find_snapshot
from recognition.intake.identify import identify
from recognition.intake.models import ApiKey
from recognition.intake.openapi import PHOTO_BODY
from recognition.intake.problems import Problem
from recognition.intake.process import web_process
from recognition.intake.snapshots import sender
from recognition.intake.upload import Headers, photo_and_time
from recognition.people.decision import Verdict

router = Router()


class Face(Schema):
    box: tuple[int, int, int, int] = Field(description="left, top, width, height in pixels of the photo")
    score: float = Field(description="the detector's certainty, 0 to 1")
    quality: float = Field(description="0 to 1")
    person: None = Field(None, description="always null: a camera never learns a name")


class Snapshot(Schema):
    """How a snapshot ended or, while it is in work, where."""

    id: str
    digest: str = Field(description="SHA-256 of the photo's bytes")
    state: str = Field(description="queued, done, failed or expired")
    node: str | None
    cached: bool | None = Field(
        None, description="from a node's cache; false also where an unchanged scene was repeated"
    )
    took_ms: float | None = Field(None, description="from receipt to record")
    faces: list[Face] | None = None
    reason: str | None = Field(None, description="why it failed")


class Detail(Schema):
    detail: str


class IdentifiedPerson(Schema):
    id: int
    name: str


class IdentifiedFace(Schema):
    box: tuple[int, int, int, int]
    score: float
    quality: float
    verdict: Verdict = Field(
        description="known; stranger: nobody is near enough; ambiguous: two people are about equally near; "
        "taken: the person is another, nearer face on the photo; poor: too poor a face to say"
    )
    person: IdentifiedPerson | None = Field(description="who it is, if known")
    distance: float | None = Field(description="to the nearest enrolled person, near enough or not")
    next_distance: float | None = Field(description="to the next person")
    threshold: float = Field(description="the largest distance that would do for the nearest person")


class Identified(Schema):
    id: str
    digest: str
    state: str
    cached: bool
    node: str
    took_ms: float
    faces: list[IdentifiedFace]


class CameraToken(HttpBearer):
    async def authenticate(self, request: HttpRequest, token: str) -> KnownCamera:
        process = web_process()
        await process.nodes.keep_fresh()
        return await sender(process, token_digest(token))


class IdentifyKey(HttpBearer):
    async def authenticate(self, request: HttpRequest, token: str) -> ApiKey:
        key = await ApiKey.objects.filter(key_digest=token_digest(token)).afirst()
        if key is None:
            raise Problem(401, "The key is not known; it may have been deleted.")
        if not key.enabled or key.scope != ApiKey.KeyScope.IDENTIFY:
            raise Problem(403, "The key is disabled or not meant for this.")
        return key


@router.get(
    "/snapshots/{id}",
    auth=CameraToken(),
    response={200: Snapshot, 401: Detail, 403: Detail, 404: Detail, 503: Detail},
    exclude_unset=True,
    summary="How a snapshot ended",
)
async def get_snapshot(request: HttpRequest, id: str) -> dict[str, Any]:  # noqa: A002 (the address says so)
    """With the token of the camera that sent it, for 24 hours."""
    camera: KnownCamera = request.auth  # type: ignore[attr-defined]
    found = await find_snapshot(web_process(), id, camera.id)
    if found is None:
        raise Problem(404, "This camera has sent no such snapshot, or it is too long ago.")
    return cast(dict[str, Any], msgspec.to_builtins(found))


@router.post(
    "/identify",
    auth=IdentifyKey(),
    response={200: Identified, **dict.fromkeys((401, 403, 408, 413, 415, 422, 429, 500, 503, 504), Detail)},
    summary="Who is on a photo",
    openapi_extra={"requestBody": PHOTO_BODY},
)
async def post_identify(request: HttpRequest) -> dict[str, Any]:
    """Takes a photo as the snapshot route does. Makes no sighting; is limited in rate and written to a log."""
    key: ApiKey = request.auth  # type: ignore[attr-defined]
    headers = Headers(content_type=request.headers.get("Content-Type", ""))
    photo, _ = photo_and_time(headers, request.body)
    return await identify(key, photo, request.META.get("REMOTE_ADDR"))
