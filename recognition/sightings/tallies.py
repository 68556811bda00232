"""Counts of how snapshots ended, kept beside the outcomes because those are purged."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Literal, TypedDict

from django.db.models import Case, F, Model, Q, Sum, Value, When

from cameras.models import Camera
from recognition.sightings.models import CameraTally, NodeTally, Outcome

NodeColumn = Literal["hits", "joins", "misses"]

_COLUMN_OF_WAY: Mapping[str, NodeColumn] = {
    Outcome.Way.HIT: "hits",
    Outcome.Way.JOIN: "joins",
    Outcome.Way.MISS: "misses",
}


class Tally(TypedDict):
    """All snapshots ever: how they ended, and by which way those that a node answered were answered."""

    done: int
    failed: int
    expired: int
    hits: int
    joins: int
    misses: int


def add_to_tallies(outcomes: Iterable[Outcome]) -> None:
    """Counts `outcomes`, all newly recorded, in the caller's transaction: at most five statements for any number.

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
    nodes = NodeTally.objects.aggregate(hits=Sum("hits"), joins=Sum("joins"), misses=Sum("misses"))
    return Tally(
        done=cameras["done"] or 0,
        failed=cameras["failed"] or 0,
        expired=cameras["expired"] or 0,
        hits=nodes["hits"] or 0,
        joins=nodes["joins"] or 0,
        misses=nodes["misses"] or 0,
    )


def _add(model: type[Model], key: str, counts: Mapping[int | None, Counter[str]]) -> None:
    """One UPDATE for all rows there are; what it does not reach is inserted."""
    if not counts:
        return
    rows = model._default_manager.filter(_among(key, counts))
    columns = {column for counter in counts.values() for column in counter}
    if rows.update(**{column: F(column) + _increment(key, column, counts) for column in columns}) == len(counts):
        return
    missing = counts.keys() - set(rows.values_list(key, flat=True))
    model._default_manager.bulk_create(model(**{key: row}, **counts[row]) for row in missing)


def _among(key: str, counts: Mapping[int | None, Counter[str]]) -> Q:
    named = Q(**{f"{key}__in": [row for row in counts if row is not None]})
    return named | Q(**{key: None}) if None in counts else named


def _increment(key: str, column: str, counts: Mapping[int | None, Counter[str]]) -> Case | Value:
    if len(counts) == 1:  # Django takes 0.5 ms to write a CASE, and most batches are of one camera
        return Value(next(iter(counts.values()))[column])
    cases = [When(Q(**{key: row}), then=Value(counter[column])) for row, counter in counts.items() if counter[column]]
    return Case(*cases, default=Value(0))


def keep_tally_of(camera: Camera) -> None:
    """Before `camera` is deleted: what was received stays counted, in the row without a camera."""
    for tally in CameraTally.objects.filter(camera=camera):
        counts = Counter(done=tally.done, failed=tally.failed, expired=tally.expired)
        _add(CameraTally, "camera_id", {None: counts})
