"""Recognition programs that recognise nothing: they take just as long as they are told."""

import time
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from benchmarks.photos import HEIGHT_PX, WIDTH_PX
from recognition.engine import Answer, Face, Recognition, Request

RECIPE = "fast.640.fp32"  # what a node is asked for while no monitor knows its workers, as in most of the figures
ENGINE_ID = "stub"
SPACE = "stub-space"
THUMBNAIL_BYTES = 3000


def compute(processor_ms: float) -> None:
    """Keeps the core busy for so much processor time of the calling thread."""
    ends_at = time.thread_time() + processor_ms / 1000
    while time.thread_time() < ends_at:
        pass


@lru_cache(maxsize=1)
def face() -> Face:
    random = np.random.default_rng(2)
    return Face(
        box=(200, 120, 160, 160),
        landmarks=random.uniform(120, 360, (5, 2)).astype(np.float32),
        score=0.98,
        quality=0.8,
        quality_parts={"size": 0.9, "sharpness": 0.8, "light": 0.95},
        embedding=random.normal(0, 0.09, 128).astype(np.float32),
        thumbnail=b"\xff\xd8\xff" + random.bytes(THUMBNAIL_BYTES - 3),
    )


class StubRecognizer:
    """processor_ms: what each photo costs; 0 is the no-op. faces: how many it claims to see on each."""

    engine_id = ENGINE_ID
    space = SPACE
    recipes = frozenset({RECIPE, "fast.640.int8", "fast.640.fp32.enrol"})

    def __init__(self, photos_per_batch: int, processor_ms: float = 0.0, faces: int = 0) -> None:
        self.photos_per_batch = photos_per_batch
        self._processor_ms = processor_ms
        self._faces = (face(),) * faces

    def recognise(self, requests: Sequence[Request]) -> list[Answer]:
        return [self._recognise() for _ in requests]

    def _recognise(self) -> Recognition:
        if self._processor_ms:
            compute(self._processor_ms)
        return Recognition(WIDTH_PX, HEIGHT_PX, self._faces, took_us=round(self._processor_ms * 1000))
