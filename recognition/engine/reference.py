"""The reference engine: the face_recognition package, used as its README does. Slow, and the yardstick of the others.

Boxes and embeddings are those of `face_recognition.face_locations` and `face_encodings` with their defaults.
"""

import time
from collections.abc import Sequence
from importlib.metadata import version
from math import exp
from typing import Any

import cv2
import dlib
import face_recognition
import numpy as np
import numpy.typing as npt
from PIL import ImageFile

from recognition.engine.answers import (
    DLIB_SPACE,
    Answer,
    Box,
    Embedding,
    Face,
    Landmarks,
    Pixels,
    Recognition,
    Request,
    Unreadable,
)
from recognition.engine.photos import read_photo
from recognition.engine.quality import quality_parts
from recognition.engine.thumbnails import thumbnail

RECIPES = frozenset({"reference.0.fp32"})

UPSAMPLE = 1  # face_locations' default: doubles the picture once, finds faces from about 32 pixels
CHIP_PX = 150  # side and padding of the chip that dlib's embedding network is given
CHIP_PADDING = 0.25

Css = tuple[int, int, int, int]  # top, right, bottom, left: face_recognition's order


class Reference:
    engine_id = f"face_recognition-{version('face_recognition')}+dlib-{dlib.__version__}"
    space = DLIB_SPACE
    recipes = RECIPES
    photos_per_batch = 1  # it looks at one photo after the other, so that a batch would only make the first wait

    def recognise(self, requests: Sequence[Request]) -> list[Answer]:
        """One answer for each, in the order given. Every photo is looked at, also where the scene may be unchanged."""
        return [_recognise(request.photo) for request in requests]


def load() -> Reference:
    cv2.setNumThreads(1)  # a worker is one of several on its machine, each with a core's worth of work
    # face_recognition switches this on when imported, and half a photo would pass for a whole one.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    return Reference()


def _recognise(photo: bytes) -> Recognition | Unreadable:
    started = time.perf_counter()
    pixels = read_photo(photo)
    if isinstance(pixels, Unreadable):
        return pixels
    faces = _faces(pixels)
    height, width = pixels.shape[:2]
    took_us = round((time.perf_counter() - started) * 1e6)
    return Recognition(width_px=width, height_px=height, faces=faces, took_us=took_us)


def _faces(pixels: Pixels) -> tuple[Face, ...]:
    locations, scores = detect(pixels)
    embeddings = face_recognition.face_encodings(pixels, locations)
    landmarks = face_recognition.face_landmarks(pixels, locations, model="small")
    return tuple(
        _face(pixels, location, score, _points(named), np.asarray(embedding, dtype=np.float32))
        for location, score, named, embedding in zip(locations, scores, landmarks, embeddings, strict=True)
    )


def detect(pixels: Pixels) -> tuple[list[Css], list[float]]:
    """The boxes of `face_locations(pixels)`, and for each the detector's raw score, which that throws away.

    The raw score is the distance to the classifier's border: 0 is the threshold, clear faces reach 1 to 3.
    """
    rectangles, scores, _ = face_recognition.api.face_detector.run(pixels, UPSAMPLE, 0.0)
    height, width = pixels.shape[:2]
    trimmed = [(max(r.top(), 0), min(r.right(), width), min(r.bottom(), height), max(r.left(), 0)) for r in rectangles]
    return trimmed, list(scores)


def _face(pixels: Pixels, location: Css, raw_score: float, landmarks: Landmarks, embedding: Embedding) -> Face:
    top, right, bottom, left = location
    box: Box = (left, top, right - left, bottom - top)
    parts = quality_parts(box, _chip(pixels, location, landmarks))
    return Face(
        box=box,
        landmarks=landmarks,
        score=certainty(raw_score),
        quality=min(parts.values()),
        quality_parts=parts,
        embedding=embedding,
        thumbnail=thumbnail(pixels[:, :, ::-1], box),
    )


def certainty(raw_score: float) -> float:
    """The logistic function of the raw score: 0.5 at the detector's threshold, towards 1 for clear faces.

    It puts the scores in order on a scale of 0 to 1; it is not a measured probability.
    """
    return 1.0 / (1.0 + exp(-raw_score))


def _points(named: dict[str, list[tuple[int, int]]]) -> Landmarks:
    """float32 (5, 2) in the order that `Face.landmarks` documents."""
    return np.array([*named["left_eye"], *named["right_eye"], *named["nose_tip"]], dtype=np.float32)


def _chip(pixels: Pixels, location: Css, landmarks: Landmarks) -> npt.NDArray[np.uint8]:
    """The aligned face in grey, uint8 (150, 150)."""
    top, right, bottom, left = location
    left_outer, left_inner, right_outer, right_inner, nose = (dlib.point(round(x), round(y)) for x, y in landmarks)
    in_dlib_order = [right_outer, right_inner, left_outer, left_inner, nose]
    shape: Any = dlib.full_object_detection(dlib.rectangle(left, top, right, bottom), in_dlib_order)
    chip = dlib.get_face_chip(pixels, shape, CHIP_PX, CHIP_PADDING)
    return np.asarray(cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
