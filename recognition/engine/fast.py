"""The fast engine: face_recognition's own network, with everything before it done the quick way.

A photo is decoded, compared with its camera's last scene, searched for faces by YuNet, and each face is cut out as
dlib does it; then all faces of a batch are embedded together. Embeddings lie in face_recognition's own space.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import cv2
import numpy as np

from recognition.engine.alignment import Aligner
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
    Unchanged,
    Unreadable,
)
from recognition.engine.decoding import Decoder, Picture
from recognition.engine.detection import Detections, Detector
from recognition.engine.embedding import BATCH, Chip, Embedders
from recognition.engine.models import ModelFolder, ready_models
from recognition.engine.quality import quality_parts
from recognition.engine.resizing import can_be_halved, halved
from recognition.engine.runtime import give_memory_back, keep_freed_memory, use_one_thread
from recognition.engine.scene import is_unchanged, signature
from recognition.engine.thumbnails import thumbnail
from recognition.recipe import DETECTOR_SIDES_PX, FAST, FP32, INT8, Recipe

FORM = 1  # moves on when the same photo and recipe get another answer


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A face before it is embedded. box and landmarks in pixels of the whole photo."""

    box: Box
    landmarks: Landmarks
    chip: Chip
    score: float
    quality_parts: dict[str, float]
    thumbnail: bytes


@dataclass(frozen=True, slots=True, eq=False)
class _Looked:
    """A photo before its faces are embedded. Its pixels are no longer needed."""

    recipe: Recipe
    width_px: int
    height_px: int
    scene: bytes
    faces: tuple[_Seen, ...]
    took_s: float


class Fast:
    """int8 is served where `models` holds the network for it, which is only where it has passed its accuracy test."""

    space = DLIB_SPACE
    photos_per_batch = BATCH

    def __init__(self, models: ModelFolder) -> None:
        self.engine_id = "+".join(
            [f"fast-{FORM}", *(f"{name}-{version(name)}" for name in ("onnxruntime", "dlib-bin"))]
        )
        self._decoder = Decoder()
        self._detector = Detector(models.detector)
        self._aligner = Aligner(models.landmark_predictor)
        networks = models.face_networks
        self._embedders = Embedders(networks, usual=INT8 if INT8 in networks else FP32)
        self._recipes = {str(recipe): recipe for recipe in _served(networks)}

    @property
    def recipes(self) -> frozenset[str]:
        return frozenset(self._recipes)

    def recognise(self, requests: Sequence[Request]) -> list[Answer]:
        """One answer for each, in the order given. Raises KeyError for a recipe that is not served."""
        looked = [self._look(request) for request in requests]
        with_faces = [one for one in looked if isinstance(one, _Looked)]
        answers = iter(self._embedded(with_faces))
        if self._embedders.close_unused():
            give_memory_back()
        return [next(answers) if isinstance(one, _Looked) else one for one in looked]

    def _look(self, request: Request) -> _Looked | Unchanged | Unreadable:
        started = time.perf_counter()
        recipe = self._recipes[request.recipe]
        reference = request.scene
        if reference is not None and (grey := self._decoder.grey_small(request.photo)) is not None:
            if is_unchanged(signature(grey), reference):
                return Unchanged()
            reference = None  # compared already
        picture = self._decoder.decode(request.photo)
        if isinstance(picture, Unreadable):
            return picture
        small, times = halved_if_even(picture, recipe.side_px)
        # Not the quick signature, which may differ by a grey level: what is answered depends on the photo alone.
        scene = signature(small, picture.scale * times)
        if reference is not None and is_unchanged(scene, reference):
            return Unchanged()
        detections = self._detector.detect(small, recipe.side_px).on_larger(times)
        faces = tuple(self._seen(picture, detections))
        return _Looked(recipe, picture.width_px, picture.height_px, scene, faces, time.perf_counter() - started)

    def _seen(self, picture: Picture, detections: Detections) -> Iterator[_Seen]:
        for box, score in zip(detections.boxes, detections.scores, strict=True):
            within = _within(box, picture)
            aligned = self._aligner.align(picture.pixels, box)
            grey = np.asarray(cv2.cvtColor(aligned.chip, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
            parts = quality_parts(within, grey, float(score))
            whole_box = _whole(within, picture)
            landmarks = aligned.landmarks * np.float32(picture.scale)
            shown = thumbnail(picture.pixels, within)
            yield _Seen(whole_box, landmarks, aligned.chip, float(score), parts, shown)

    def _embedded(self, looked: Sequence[_Looked]) -> Iterator[Recognition]:
        """Faces that want the same arithmetic are embedded together, whatever photo they are on."""
        embeddings: dict[int, Embedding] = {}
        took_s = 0.0
        for precision, enrol in sorted({(one.recipe.precision, one.recipe.enrol) for one in looked}):
            started = time.perf_counter()
            alike = [one for one in looked if (one.recipe.precision, one.recipe.enrol) == (precision, enrol)]
            faces = [face for one in alike for face in one.faces]
            found = self._embedders.embed([face.chip for face in faces], precision, enrol=enrol)
            embeddings |= zip(map(id, faces), found, strict=True)
            took_s += time.perf_counter() - started
        per_face_s = took_s / max(1, len(embeddings))
        for one in looked:
            yield _recognition(one, [embeddings[id(face)] for face in one.faces], per_face_s)


def load() -> Fast:
    """Raises ModelsUnavailable."""
    use_one_thread()
    engine = Fast(ready_models())
    keep_freed_memory()
    return engine


def _served(precisions: Iterable[str]) -> Iterator[Recipe]:
    for side_px in DETECTOR_SIDES_PX:
        yield Recipe(FAST, side_px, FP32).for_enrolment
        for precision in precisions:
            yield Recipe(FAST, side_px, precision)


def halved_if_even(picture: Picture, side_px: int) -> tuple[Pixels, int]:
    """Half the picture, if the detector wants no more, and how many times the picture is larger than what is returned.

    The scene's signature is taken of it too. Of an odd picture it would be another one than of the whole, and so where
    a pixel would stand for more than the 8 x 8 that a JPEG keeps the means of.
    """
    pixels = picture.pixels
    is_even = not (pixels.shape[0] % 2 or pixels.shape[1] % 2)
    if is_even and picture.scale <= 4 and can_be_halved(pixels, side_px):
        return halved(pixels), 2
    return pixels, 1


def _within(box: "np.ndarray[tuple[int], np.dtype[np.float32]]", picture: Picture) -> Box:
    """What of a detected box lies on the picture, in whole pixels of what was decoded; at least one."""
    height, width = picture.pixels.shape[:2]
    left, top, right, bottom = (round(float(value)) for value in (*box[:2], *(box[:2] + box[2:])))
    left, top = min(max(left, 0), width - 1), min(max(top, 0), height - 1)
    return left, top, max(min(right, width) - left, 1), max(min(bottom, height) - top, 1)


def _whole(box: Box, picture: Picture) -> Box:
    """A box on what was decoded as a box on the photo, whose last row and column may have been rounded up."""
    left, top, width, height = (value * picture.scale for value in box)
    return left, top, min(width, picture.width_px - left), min(height, picture.height_px - top)


def _recognition(looked: _Looked, embeddings: Sequence[Embedding], per_face_s: float) -> Recognition:
    faces = tuple(_face(seen, embedding) for seen, embedding in zip(looked.faces, embeddings, strict=True))
    took_us = round((looked.took_s + per_face_s * len(faces)) * 1e6)
    return Recognition(looked.width_px, looked.height_px, faces, took_us, looked.scene)


def _face(seen: _Seen, embedding: Embedding) -> Face:
    return Face(
        box=seen.box,
        landmarks=seen.landmarks,
        score=seen.score,
        quality=min(seen.quality_parts.values()),
        quality_parts=seen.quality_parts,
        embedding=embedding,
        thumbnail=seen.thumbnail,
    )
