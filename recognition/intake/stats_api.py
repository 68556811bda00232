"""`GET /api/v1/stats`: how many snapshots were accepted, and what became of them."""

from dataclasses import asdict
from typing import Any

import redis
from django.conf import settings
from django.http import HttpRequest
from ninja import Field, Router, Schema

from recognition.hub.counts import Counts, accounts
from recognition.hub.durability import hub_durability
from recognition.hub.sync import hub
from recognition.intake.api import Detail
from recognition.intake.problems import busy
from recognition.intake.reading_auth import READING, Reader

router = Router()


class CountsReply(Schema):
    """received = done + failed + expired + in_ledger, always: all five are read in one moment."""

    received: int = Field(description="accepted snapshots")
    done: int
    failed: int
    expired: int = Field(description="past their deadline before a node had answered")
    in_ledger: int = Field(description="accepted, and their outcome not recorded yet")


class CameraCounts(CountsReply):
    camera: str = Field(description="the camera's slug")


class HubReply(Schema):
    """What an accepted snapshot outlives."""

    durability: str = Field(description="as it is set: everysec, always or replica")
    keeps_file: bool = Field(description="the hub has an append-only file")
    flushes: str = Field(description="when that is flushed to disk, as the hub says; empty if it does not tell")
    disk_fails: bool = Field(description="the file cannot be written; nothing is accepted until it can")
    replicas: int = Field(description="servers that follow the hub right now")


class Stats(Schema):
    total: CountsReply = Field(description="of all cameras, also deleted ones, and of photos that no camera sent")
    held: int = Field(description="how many really stand in the ledger and the hit stream; equals total.in_ledger")
    refused: dict[str, int] = Field(description="results of nodes that were not believed, by reason")
    cameras: list[CameraCounts] = Field(description="those in sight of who asks")
    hub: HubReply


@router.get(
    "/stats",
    auth=READING,
    response={200: Stats, 401: Detail, 403: Detail, 503: Detail},
    summary="What became of all snapshots",
)
def get_stats(request: HttpRequest) -> dict[str, Any]:
    """With a key of the scope `read`, or signed in as staff."""
    reader: Reader = request.auth  # type: ignore[attr-defined]
    try:
        found, durability = accounts(hub()), hub_durability(hub())
    except redis.RedisError:
        raise busy("The hub does not answer.") from None
    return {
        "total": asdict(found.total),
        "held": found.held,
        "refused": found.refused,
        "cameras": [
            {"camera": camera.slug, **asdict(found.by_camera.get(camera.pk, Counts()))}
            for camera in reader.cameras().order_by("slug")
        ],
        "hub": {"durability": settings.MALLVISION_HUB_DURABILITY, **asdict(durability)},
    }
