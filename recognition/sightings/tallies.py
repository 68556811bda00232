"""Counts of how snapshots ended, kept beside the outcomes because those are purged."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Literal, TypedDict

from django.db import connection
from django.db.models import Model, Sum

from cameras.models import Camera
from recognition.sightings.models import CameraTally, NodeTally, Outcome

NodeColumn = Literal["hits", "joins", "misses", "unchanged"]

_COLUMN_OF_WAY: Mapping[str, NodeColumn] = {
    Outcome.Way.HIT: "hits",
    Outcome.Way.JOIN: "joins",
    Outcome.Way.MISS: "misses",
    Outcome.Way.UNCHANGED: "unchanged",
}


class Tally(TypedDict):
    """All snapshots ever: how they ended, and by which way those that a node answered were answered."""

    done: int
    failed: int
    expired: int
    hits: int
    joins: int
    misses: int
    unchanged: int


def add_to_tallies(outcomes: Iterable[Outcome]) -> None:
    """Counts `outcomes`, all newly recorded, in the caller's transaction: a statement for each camera and node.

    One process at a time counts (the active collector), so missing rows can be added without a race.
    """
    by_camera: dict[int | None, Counter[str]] = defaultdict(Counter)
    by_node: dict[int | None, Counter[str]] = defaultdict(Counter)
    for outcome in outcomes:
        by_camera[outcome.camera_id][outcome.state] += 1
        if outcome.node_id is not None and outcome.way:
            by_node[outcome.node_id][_COLUMN_OF_WAY[outcome.way]] += 1
    _add(CameraTally, "camera_id", by_camera)
    _add(NodeTally, "node_id", by_node)


def totals() -> Tally:
    cameras = CameraTally.objects.aggregate(done=Sum("done"), failed=Sum("failed"), expired=Sum("expired"))
    nodes = NodeTally.objects.aggregate(
        hits=Sum("hits"), joins=Sum("joins"), misses=Sum("misses"), unchanged=Sum("unchanged")
    )
    return Tally(
        done=cameras["done"] or 0,
        failed=cameras["failed"] or 0,
        expired=cameras["expired"] or 0,
        hits=nodes["hits"] or 0,
        joins=nodes["joins"] or 0,
        misses=nodes["misses"] or 0,
        unchanged=nodes["unchanged"] or 0,
    )


def _add(model: type[Model], key: str, counts: Mapping[int | None, Counter[str]]) -> None:
    """One UPDATE for each row: written out, it costs a tenth of what the ORM takes to say the same."""
    with connection.cursor() as cursor:
        for row, counter in counts.items():
            sums = ", ".join(f"{column} = {column} + %s" for column in counter)
            place = f"{key} IS NULL" if row is None else f"{key} = {int(row)}"
            cursor.execute(f"UPDATE {model._meta.db_table} SET {sums} WHERE {place}", [*counter.values()])  # noqa: S608
            if cursor.rowcount == 0:
                model._default_manager.create(**{key: row}, **counter)


def keep_tally_of(camera: Camera) -> None:
    """Before `camera` is deleted: what was received stays counted, in the row without a camera."""
    for tally in CameraTally.objects.filter(camera=camera):
        counts = Counter(done=tally.done, failed=tally.failed, expired=tally.expired)
        _add(CameraTally, "camera_id", {None: counts})
