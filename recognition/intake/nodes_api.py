"""`GET /api/v1/nodes`: the node console for programs."""

from typing import Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema

from recognition.intake.api import Detail
from recognition.intake.reading_auth import READING, Reader
from recognition.live.console import console

router = Router()

State = Literal["up", "degraded", "down", "cordoned", "disabled", "unknown"]
_STATE = (
    "up; degraded: it has no worker, some of a Cluster's shards do not answer, or its oldest job has waited for more "
    "than 20 s; down: it has not answered for "
    "3 s; cordoned: takes no new photos and finishes those that it has; disabled; unknown while no monitor reports"
)
_LAST_MINUTE = "over the last minute; null without a photo in it"


class NodeFigures(Schema):
    """One node; null: not known. Counts of ways are of all time, evictions since its server was started."""

    name: str
    state: State = Field(description=_STATE)
    reason: str = Field(description="why it is in that state, where there is something to say")
    cordoned: bool = Field(description="what the operators want, at once; `state` follows within a second")
    workers: int | None
    versions: list[str] = Field(description="of its workers, with their engines; more than one is version skew")
    recipes: list[str] = Field(description="those that each of its workers serves")
    images_per_s: float | None
    load: float | None = Field(description="share of its workers' time spent at work over the last minute, 0 to 1")
    wait_p50_ms: float | None = Field(description=f"how long jobs waited for a worker, {_LAST_MINUTE}")
    wait_p95_ms: float | None
    took_p50_ms: float | None = Field(description=f"how long recognising a photo took, {_LAST_MINUTE}")
    took_p95_ms: float | None
    queued: int | None = Field(description="jobs that wait or are in work")
    queued_bytes: int | None
    oldest_job_s: float | None = Field(description="age of the oldest job, 0 if there is none")
    hits: int
    joins: int
    misses: int
    unchanged: int
    hit_rate: float | None
    memory_bytes: int | None
    memory_limit_bytes: int | None = Field(description="0: no limit is set")
    evicted: int | None = Field(description="answers forgotten for lack of memory")


class GroupNode(Schema):
    name: str
    state: State
    weight: float = Field(description="the assignment's times the node's own")
    share: float | None = Field(description="the part of the group's photos that goes to it now, 0 to 1")
    workers: int | None
    load: float | None


class SpareRoom(Schema):
    """N+1: what the load of the rest would be if the group's busiest node died."""

    verdict: Literal["enough", "short", "alone", "unknown", "none"] = Field(
        description="enough, or short where the load would be above 1; alone: there is no other node; unknown: no load "
        "is known yet; none: no node is up"
    )
    busiest: str
    load: float | None


class Group(Schema):
    slug: str
    name: str
    recipe: str
    nodes: list[GroupNode]
    spare: SpareRoom


class Nodes(Schema):
    hub: Literal["up", "down"]
    monitor_silent_s: float | None = Field(
        description="seconds since the monitor last reported, from which states and figures come; null: it never has, "
        "or the hub is down"
    )
    nodes: list[NodeFigures]
    groups: list[Group] = Field(description="with an API key all of them, for staff those they may see")


@router.get(
    "/nodes",
    auth=READING,
    response={200: Nodes, 401: Detail, 403: Detail},
    summary="How the nodes are doing",
)
def get_nodes(request: HttpRequest) -> Nodes:
    """With a key of the scope `read`, or for staff who are signed in and may watch."""
    reader: Reader = request.auth  # type: ignore[attr-defined]
    found = console(reader.groups())
    totals = found["totals"]
    return Nodes.model_validate({**found, "hub": totals["hub"], "monitor_silent_s": totals["monitor_silent_s"]})
