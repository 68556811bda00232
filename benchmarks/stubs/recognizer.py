"""Recognition programs that recognise nothing: they take just as long as they are told."""

import time
from collections.abc import Sequence
from functools import lru_cache
from zlib import crc32

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


@lru_cache(maxsize=64)
def face(person: int = 0) -> Face:
    """The faces of different people are further apart than any two photos of one person."""
    random = np.random.default_rng(2 + person)
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
    """processor_ms: what each photo costs; 0 is the no-op. wait_ms: how much longer it takes, at no cost.

    faces: how many it claims to see on each. people: of how many people; whose it is depends on the photo's bytes.
    """

    engine_id = ENGINE_ID
    recipes = frozenset({RECIPE, "fast.640.int8", "fast.640.fp32.enrol"})

    def __init__(
        self,
        photos_per_batch: int,
        processor_ms: float = 0.0,
        faces: int = 0,
        people: int = 1,
        wait_ms: float = 0.0,
        space: str = SPACE,
    ) -> None:
        self.photos_per_batch = photos_per_batch
        self.space = space
        self._processor_ms = processor_ms
        self._wait_ms = wait_ms
        self._faces = faces
        self._people = people

    def recognise(self, requests: Sequence[Request]) -> list[Answer]:
        return [self._recognise(request) for request in requests]

    def _recognise(self, request: Request) -> Recognition:
        if self._processor_ms:
            compute(self._processor_ms)
        if self._wait_ms:
            time.sleep(self._wait_ms / 1000)
        faces = (face(crc32(request.photo) % self._people),) * self._faces if self._faces else ()
        return Recognition(WIDTH_PX, HEIGHT_PX, faces, took_us=round((self._processor_ms + self._wait_ms) * 1000))
