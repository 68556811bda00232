"""Where a face's box and label stand over its picture. static/js/overlay.js does the same for live results."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LABEL_PART = 0.075  # a label's height, as a part of the height of the 16:9 frame the picture is shown in
LARGE_LABEL_PART = 0.045  # the same where the picture fills the page
FRAME_RATIO = 9 / 16


@dataclass(frozen=True, slots=True)
class Mark:
    """A box with its label, in pixels of the picture. An empty label shows none."""

    x: int
    y: int
    width: int
    height: int
    label: str
    known: bool
    poor: bool
    label_x: int
    label_anchor: str
    label_y: float
    label_size: float


def marks(width: int, height: int, faces: Iterable[Mapping[str, Any]], numbered: bool = False) -> list[Mark]:
    """One mark per face, in order; `numbered`, on a large picture: its place in the list stands before its name."""
    size = round(max(height, width * FRAME_RATIO) * (LARGE_LABEL_PART if numbered else LABEL_PART), 1)
    return [_mark(face, width, size, str(place) if numbered else "") for place, face in enumerate(faces, start=1)]


def _mark(face: Mapping[str, Any], picture_width: int, size: float, place: str) -> Mark:
    x, y, width, height = face["box"]
    right = x + width / 2 > picture_width / 2  # the label grows towards the middle, so that the edge cuts none off
    person = face.get("person")
    above = y - size * 0.35
    return Mark(
        x=x,
        y=y,
        width=width,
        height=height,
        label=" ".join(part for part in (place, person["name"] if person else "") if part),
        known=bool(person),
        poor=face["poor"],
        label_x=min(x + width, picture_width) if right else max(x, 0),
        label_anchor="end" if right else "start",
        label_y=round(above if above > size else y + height + size, 1),
        label_size=size,
    )
