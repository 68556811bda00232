"""The engines that are compared, each as one function from a photo to its faces."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np

from benchmarks.engine import loop
from benchmarks.engine.pictures import side_px
from recognition.engine import Recognition, Recognizer, Request
from recognition.engine.answers import Box, Embedding
from recognition.recipe import Recipe

LOOP = f"face_recognition {version('face_recognition')}"


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    box: Box
    embedding: Embedding


Engine = Callable[[bytes], list[Found]]


@dataclass(frozen=True, slots=True)
class System:
    """What recognises probes, and what the faces were recognised with that they are compared with."""

    name: str
    probe: str
    gallery: str


def loop_engine(photo: bytes) -> list[Found]:
    locations, encodings = loop.recognised(photo)
    pairs = zip(loop.boxes(locations), encodings, strict=True)
    return [Found(box, np.asarray(encoding, np.float32)) for box, encoding in pairs]


def fast_engine(recognizer: Recognizer, recipe: str) -> Engine:
    def recognise(photo: bytes) -> list[Found]:
        (answer,) = recognizer.recognise([Request(photo, recipe)])
        faces = answer.faces if isinstance(answer, Recognition) else ()
        return [Found(face.box, face.embedding) for face in faces]

    return recognise


def engines(recognizer: Recognizer, recipes: Sequence[str], *, loop_too: bool) -> dict[str, Engine]:
    """By name; face_recognition first."""
    yardstick: dict[str, Engine] = {LOOP: loop_engine} if loop_too else {}
    return yardstick | {recipe: fast_engine(recognizer, recipe) for recipe in recipes}


def systems(names: Sequence[str]) -> list[System]:
    """Each engine against itself, and each of the fast ones against faces that were enrolled as the product does."""
    own = [System(name, name, name) for name in names]
    enrolled = [
        System(f"{name} on enrolled faces", name, enrol)
        for name in names
        if name != LOOP and (enrol := str(Recipe.parse(name).for_enrolment)) in names and enrol != name
    ]
    return own + enrolled


def largest(found: Sequence[Found]) -> Found | None:
    return max(found, key=lambda face: side_px(face.box), default=None)


def at(found: Sequence[Found], box: Box) -> Found | None:
    """The face that is there: its middle lies within the box, and its side is within half and double."""
    near = [face for face in found if _is_at(face.box, box)]
    return min(near, key=lambda face: abs(side_px(face.box) - side_px(box)), default=None)


def _is_at(found: Box, box: Box) -> bool:
    x, y = found[0] + found[2] / 2, found[1] + found[3] / 2
    is_within = box[0] <= x <= box[0] + box[2] and box[1] <= y <= box[1] + box[3]
    return is_within and 0.5 <= side_px(found) / side_px(box) <= 2
