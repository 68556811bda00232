"""`python -m benchmarks.engine.loop_side PHOTO`: face_recognition's documented loop in a process of its own."""

import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.engine import loop
from benchmarks.engine.orders import Orders


def recognise(photo: bytes, scene: bytes | None = None) -> Sequence[Any]:
    locations, _ = loop.recognised(photo)
    return locations


def no_scene(_photo: bytes) -> None:
    """face_recognition knows none."""


def batches(photos: Sequence[bytes]) -> None:
    for photo in photos:
        loop.recognised(photo)


def main(photo: str) -> None:
    recognise(Path(photo).read_bytes())
    orders = Orders(recognise, lambda found: list(loop.boxes(found)), no_scene, batches)
    orders.serve(engine=f"face_recognition-{version('face_recognition')}+dlib-bin-{version('dlib-bin')}")


if __name__ == "__main__":
    main(*sys.argv[1:])
