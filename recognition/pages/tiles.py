"""The cameras of the wall as its first state is drawn. static/js/wall.js goes on from there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from recognition.pages.words import word
from recognition.reasons import told

LATE_AFTER = timedelta(seconds=15)
OFFLINE_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Tile:
    """One camera. `problem` is why its last snapshot was not recognised, empty when it was."""

    slug: str = ""
    name: str = ""
    enabled: bool = True
    state: str = "waiting"
    newest: Mapping[str, Any] | None = None
    problem: str = ""


@dataclass(slots=True)
class TileGroup:
    slug: str = ""
    name: str = ""
    tiles: list[Tile] = field(default_factory=list)


def tile_groups(
    cameras: Iterable[Mapping[str, Any]], results: Iterable[Mapping[str, Any]], now: datetime
) -> list[TileGroup]:
    """The groups in the order in which their first camera comes. `results` are oldest first."""
    last = {result["camera"]: result for result in results}
    groups: dict[str, TileGroup] = {}
    for camera in cameras:
        group = groups.setdefault(camera["group"], TileGroup(camera["group"], camera["group_name"]))
        group.tiles.append(_tile(camera, last.get(camera["slug"]), now))
    return list(groups.values())


def _tile(camera: Mapping[str, Any], last: Mapping[str, Any] | None, now: datetime) -> Tile:
    failed = last is not None and last["state"] != "done"
    return Tile(
        slug=camera["slug"],
        name=camera["name"],
        enabled=camera["enabled"],
        state=camera_state(camera, now),
        newest=camera["newest"],
        problem=(told(last["reason"]) or word("result", last["state"])) if last and failed else "",
    )


def camera_state(camera: Mapping[str, Any], now: datetime) -> str:
    if not camera["enabled"]:
        return "disabled"
    if camera["newest"] is None:
        return "waiting"
    age = now - datetime.fromisoformat(camera["newest"]["captured_at"])
    if age <= LATE_AFTER:
        return "live"
    return "late" if age <= OFFLINE_AFTER else "offline"
