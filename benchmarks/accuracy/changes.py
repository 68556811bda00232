"""The change test on made-up cameras: whether a face that appears is ever taken for no change.

Faces are pasted on an empty hall, without a body and half matched to its light, which is as inconspicuous as someone
can be; both photos have noise, their own light and JPEG's losses.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.accuracy.degrading import resized
from benchmarks.accuracy.engines import Found, at
from benchmarks.accuracy.people import Labelled
from benchmarks.engine.pictures import around, hall, jpeg, oval, pasted, read, side_px, with_noise
from recognition.engine import Recognition, Recognizer, Request, Unchanged
from recognition.engine.answers import Box, Pixels

SIZES_PX = ((1280, 720), (1920, 1080))
FACE_RANGE_PX = (45, 120)
FACE_TIMES = 1.6  # the face's side: what is pasted
NOISE_SIGMA = 2.0
LIGHT_DRIFT = 0.03
PRESENCE = 0.2  # share of an idle camera's photos that show someone
STAYS_PHOTOS = 5
REFRESH_PHOTOS = 10  # one photo a second, looked at anew after 10 s at the latest


@dataclass(frozen=True, slots=True)
class Appearances:
    """missed: faces that the detector finds and the change test answered as unchanged."""

    trials: int
    found: int
    missed: int


@dataclass(frozen=True, slots=True)
class Idle:
    """missed: faces on photos answered as unchanged that the recognition repeated does not have."""

    photos: int
    unchanged: int
    faces: int
    missed: int


class Watcher:
    """One camera's way through the engine."""

    def __init__(self, recognizer: Recognizer, recipe: str) -> None:
        self._recognizer, self._recipe = recognizer, recipe

    def look(self, photo: bytes) -> Recognition:
        (answer,) = self._recognizer.recognise([Request(photo, self._recipe)])
        assert isinstance(answer, Recognition)
        return answer

    def is_unchanged(self, photo: bytes, scene: bytes) -> bool:
        (answer,) = self._recognizer.recognise([Request(photo, self._recipe, scene)])
        return isinstance(answer, Unchanged)


def appearances(watcher: Watcher, photos: Sequence[Labelled], trials: int) -> Appearances:
    random = np.random.default_rng(11)
    faces = list(_cut_out(photos))
    found = missed = 0
    for trial in range(trials):
        empty = hall(*SIZES_PX[trial % 2], random)
        scene = watcher.look(taken(empty, random)).scene
        shown, box = with_face(empty, *faces[trial % len(faces)], random)
        photo = taken(shown, random)
        if at(_found(watcher.look(photo)), box):
            found += 1
            missed += watcher.is_unchanged(photo, scene)
    return Appearances(trials, found, missed)


def idle_camera(watcher: Watcher, photos: Sequence[Labelled], count: int) -> Idle:
    """One empty hall in slowly drifting light, where now and then someone stands for a few photos."""
    random = np.random.default_rng(12)
    faces = list(_cut_out(photos))
    empty = shown = hall(*SIZES_PX[0], random)
    unchanged = seen = missed = age = left = 0
    reference: Recognition | None = None
    for number in range(count):
        if left == 0 and random.random() < PRESENCE / STAYS_PHOTOS / (1 - PRESENCE):
            left = STAYS_PHOTOS
            shown, _ = with_face(empty, *faces[int(random.integers(len(faces)))], random)
        light = 1 + LIGHT_DRIFT * float(np.sin(number / 25))
        photo = jpeg(with_noise(lit(shown if left else empty, light), NOISE_SIGMA, random))
        answer = watcher.look(photo)
        seen += len(answer.faces)
        if reference is not None and age < REFRESH_PHOTOS and watcher.is_unchanged(photo, reference.scene):
            unchanged, age = unchanged + 1, age + 1
            missed += _not_among(answer, reference)
        else:
            reference, age = answer, 1
        left = max(0, left - 1)
    return Idle(count, unchanged, seen, missed)


def taken(scene: Pixels, random: np.random.Generator) -> bytes:
    light = 1 + float(random.uniform(-LIGHT_DRIFT, LIGHT_DRIFT))
    return jpeg(with_noise(lit(scene, light), NOISE_SIGMA, random))


def lit(scene: Pixels, light: float) -> Pixels:
    brighter: Pixels = np.clip(np.rint(scene * np.float32(light)), 0, 255).astype(np.uint8)
    return brighter


def with_face(scene: Pixels, face: Pixels, box: Box, random: np.random.Generator) -> tuple[Pixels, Box]:
    """The scene with the face somewhere on it, and where that is."""
    ratio = float(random.uniform(*FACE_RANGE_PX)) / side_px(box)
    face = resized(face, ratio)
    height, width = face.shape[:2]
    left = int(random.integers(scene.shape[1] - width))
    top = int(random.integers(scene.shape[0] - height))
    behind = scene[top : top + height, left : left + width]
    half_matched = np.clip(face + (behind.mean() - face.mean()) / 2, 0, 255).astype(np.uint8)
    place = (left + round(box[0] * ratio), top + round(box[1] * ratio), round(box[2] * ratio), round(box[3] * ratio))
    return pasted(scene, half_matched, left, top, oval(height, width)), place


def _cut_out(photos: Sequence[Labelled]) -> Iterator[tuple[Pixels, Box]]:
    for photo in photos:
        if photo.place is not None:
            yield around(read(photo.content()), photo.place, FACE_TIMES)


def _found(answer: Recognition) -> list[Found]:
    return [Found(face.box, face.embedding) for face in answer.faces]


def _not_among(answer: Recognition, reference: Recognition) -> int:
    there = _found(reference)
    return sum(at(there, face.box) is None for face in answer.faces)
