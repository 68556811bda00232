"""Recognition programs for tests: quick, and their answers depend on the photo's bytes alone."""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from recognition.engine import Answer, Face, Recognition, Recognizer, Request, Unchanged, Unreadable
from recognition.node.messages import SCENE_BYTES

RECIPE = "fast.640.int8"  # what groups ask for
EXACT = "fast.640.fp32"  # its twin, which a node is asked for while nothing is known of its workers
ENROL = "fast.640.fp32.enrol"
SPACE = "dlib-resnet-v1"


def embedding_of(seed: bytes) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    """Unlike any other seed's: random directions of length 1 lie about 1.4 apart."""
    vector = np.random.default_rng(int.from_bytes(hashlib.sha256(seed).digest()[:8])).normal(size=128)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def face(seed: bytes, left: int = 10, quality: float = 0.9) -> Face:
    return Face(
        box=(left, 8, 20, 20),
        landmarks=np.zeros((5, 2), np.float32),
        score=0.95,
        quality=quality,
        quality_parts={"size": quality, "sharpness": 1.0},
        embedding=embedding_of(seed),
        thumbnail=b"\xff\xd8thumbnail" + seed[:8],
    )


def fit_face(seed: bytes, side_px: int = 100) -> Face:
    """One that may be enrolled."""
    landmarks = np.array([[30, 50], [50, 50], [70, 50], [90, 50], [60, 80]], np.float32)
    return replace(face(seed), box=(10, 8, side_px, side_px), landmarks=landmarks)


def one_fit_face(photo: bytes) -> list[Face]:
    return [fit_face(photo)]


def one_face(photo: bytes) -> list[Face]:
    return [face(photo)]


def asked(recognizer: Recognizer, *photos: bytes) -> list[Answer]:
    """Its answers by the first of its recipes."""
    recipe = min(recognizer.recipes)
    return recognizer.recognise([Request(photo, recipe) for photo in photos])


def no_scene(photo: bytes) -> bytes:
    return b""


def scene(name: str) -> bytes:
    """A signature as long as real ones are."""
    return name.encode().ljust(SCENE_BYTES, b".")


class StubRecognizer:
    """Finds on each photo what `faces_of` says; None makes it unreadable.

    scene_of: the photo's signature; a photo is unchanged when its request names the very same.
    """

    engine_id = "stub"
    space = SPACE
    recipes = frozenset({RECIPE, EXACT, ENROL})

    def __init__(
        self,
        faces_of: Callable[[bytes], list[Face] | None] = one_face,
        photos_per_batch: int = 8,
        takes_s: float = 0.0,
        scene_of: Callable[[bytes], bytes] = no_scene,
    ) -> None:
        self._faces_of = faces_of
        self._takes_s = takes_s
        self._scene_of = scene_of
        self.photos_per_batch = photos_per_batch
        self.recognised: list[bytes] = []
        self.unchanged: list[bytes] = []

    def recognise(self, requests: Sequence[Request]) -> list[Answer]:
        time.sleep(self._takes_s * len(requests))
        return [self._answer(request) for request in requests]

    def _answer(self, request: Request) -> Answer:
        signature = self._scene_of(request.photo)
        if request.scene is not None and request.scene == signature:
            self.unchanged.append(request.photo)
            return Unchanged()
        self.recognised.append(request.photo)
        faces = self._faces_of(request.photo)
        if faces is None:
            return Unreadable("made so by a test")
        return Recognition(width_px=64, height_px=48, faces=tuple(faces), took_us=10, scene=signature)
