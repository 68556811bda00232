"""What an engine is asked about one photo, and what it answers.

A `Recognition` or `Unreadable` depends on the photo and the recipe alone; `Unchanged` also on an earlier photo.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]  # (height, width, 3), contiguous
Landmarks = npt.NDArray[np.float32]  # (5, 2)
Embedding = npt.NDArray[np.float32]  # (128,)
Box = tuple[int, int, int, int]  # left, top, width, height in pixels of the photo


# The embedding space of face_recognition's network, in whatever arithmetic: int8 lies .04 from fp32, people .9 apart.
DLIB_SPACE = "dlib-resnet-v1"


@dataclass(frozen=True, slots=True)
class Request:
    """One photo to recognise.

    recipe: the text of one of those that the engine serves. scene: the signature of an earlier recognition of the same
    camera; a photo that shows the same scene is answered `Unchanged`. None: the photo is looked at in any case.
    """

    photo: bytes
    recipe: str
    scene: bytes | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face on a photo.

    landmarks: float32 (5, 2), x and y in pixels: outer and inner corner of the eye at the picture's left, outer
    and inner corner of the eye at its right, base of the nose; may lie outside the picture.
    score: the detector's certainty, 0 to 1. quality: 0 to 1, the least of `quality_parts`.
    embedding: float32 (128,). thumbnail: a square JPEG of at most 112 pixels a side.
    """

    box: Box
    landmarks: Landmarks
    score: float
    quality: float
    quality_parts: dict[str, float]
    embedding: Embedding
    thumbnail: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Recognition:
    """The faces of one readable photo, and how many microseconds it took to find them.

    Sizes and boxes are those of the photo as a browser shows it, so after its EXIF orientation was applied.
    scene: the photo's signature (`recognition.engine.scene`), empty where the engine makes none.
    """

    width_px: int
    height_px: int
    faces: tuple[Face, ...]
    took_us: int
    scene: bytes = b""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The photo shows the scene that its request named, so the faces are those of that recognition."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The bytes are no photo that can be read; `reason` says why in plain words."""

    reason: str


Answer = Recognition | Unchanged | Unreadable
