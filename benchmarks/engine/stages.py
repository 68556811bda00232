"""`python -m benchmarks.engine.stages RECIPE CALLS PHOTO...`: where the fast engine's time goes on each photo, as JSON.

The engine's own parts, one after the other as it calls them, beside the engine itself on the same photo.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import ParamSpec, TypeVar

import cv2
import numpy as np
import simplejpeg

from benchmarks.engine.pictures import read
from benchmarks.processes import BenchmarkFailed
from recognition.engine import Request, load_recognizer
from recognition.engine.alignment import Aligner
from recognition.engine.answers import Box, Unreadable
from recognition.engine.decoding import Decoder
from recognition.engine.detection import Detections, Detector
from recognition.engine.embedding import Embedder
from recognition.engine.fast import halved_if_even
from recognition.engine.models import ModelFolder
from recognition.engine.quality import quality_parts
from recognition.engine.resizing import fitted
from recognition.engine.scene import signature
from recognition.engine.thumbnails import thumbnail
from recognition.recipe import INT8, Recipe

T = TypeVar("T")
P = ParamSpec("P")

STAGES = ("decode", "scene", "resize", "detect", "align", "quality", "thumbnail", "embed")
HUFFMAN = "huffman"  # decoding at 1/8: little but reading the entropy code, which no decoder gets round


class Stages:
    def __init__(self, models: ModelFolder, recipe: Recipe) -> None:
        self._decoder = Decoder()
        self._detector = Detector(models.detector)
        self._aligner = Aligner(models.landmark_predictor)
        self._embedder = Embedder(models.face_int8 if recipe.precision == INT8 else models.face_fp32)
        self._recipe = recipe
        self._took_ms: dict[str, float] = {}

    def run(self, photo: bytes) -> dict[str, float]:
        """Milliseconds of each stage, over all faces; "faces" is how many there are."""
        self._took_ms = defaultdict(float)
        picture = self._timed("decode", self._decoder.decode, photo)
        if isinstance(picture, Unreadable):
            raise BenchmarkFailed(picture.reason)
        small, times = self._timed("resize", halved_if_even, picture, self._recipe.side_px)
        self._timed("scene", signature, small, picture.scale * times)
        seen = self._timed("resize", fitted, small, self._recipe.side_px)
        found = self._timed("detect", self._detector.detect_as_is, seen)
        chips = []
        for box, score in zip(_whole(found, picture.pixels.shape[1] / seen.shape[1]), found.scores, strict=True):
            chip = self._timed("align", self._aligner.align, picture.pixels, box).chip
            within = _within(box, picture.pixels.shape[1], picture.pixels.shape[0])
            self._timed("quality", _quality, within, chip, float(score))
            self._timed("thumbnail", thumbnail, picture.pixels, within)
            chips.append(chip)
        if chips:
            self._timed("embed", self._embedder.embed, chips)
        return {**{name: self._took_ms[name] for name in STAGES}, "faces": float(len(chips))}

    def _timed(self, name: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        started_at = time.perf_counter()
        done = work(*args, **kwargs)
        self._took_ms[name] += (time.perf_counter() - started_at) * 1e3
        return done


def _quality(box: Box, chip: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]", score: float) -> dict[str, float]:
    grey = np.asarray(cv2.cvtColor(chip, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    return quality_parts(box, grey, score)


def _whole(found: Detections, times: float) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    return found.boxes * np.float32(times)


def _within(box: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]", width_px: int, height_px: int) -> Box:
    left, top, width, height = (round(float(value)) for value in box)
    left, top = min(max(left, 0), width_px - 1), min(max(top, 0), height_px - 1)
    return left, top, max(min(width, width_px - left), 1), max(min(height, height_px - top), 1)


def _huffman_ms(photo: bytes) -> float:
    if photo[:2] != b"\xff\xd8":
        return 0.0
    started_at = time.perf_counter()
    simplejpeg.decode_jpeg(photo, "GRAY", min_factor=8, min_height=1, min_width=1, strict=False)
    return (time.perf_counter() - started_at) * 1e3


def main(text: str, calls: str, *photos: str) -> None:
    recognizer = load_recognizer("fast")
    stages = Stages(ModelFolder.of_environment(), Recipe.parse(text))
    taken = []
    for name in photos:
        photo = Path(name).read_bytes()
        request = Request(photo, text)
        rounds = []
        for _ in range(int(calls)):
            parts = stages.run(photo)
            started_at = time.perf_counter()
            recognizer.recognise([request])
            rounds.append(parts | {"whole": (time.perf_counter() - started_at) * 1e3, HUFFMAN: _huffman_ms(photo)})
        height, width = read(photo).shape[:2]
        middle = {key: median(one[key] for one in rounds[1:] or rounds) for key in rounds[0]}
        taken.append({"photo": name, "width_px": width, "height_px": height, "ms": middle})
    print(json.dumps(taken))


if __name__ == "__main__":
    main(*sys.argv[1:])
