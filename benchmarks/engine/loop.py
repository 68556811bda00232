"""The yardstick: what face_recognition's README shows, word for word, from a file-like object.

Its defaults are left alone: the HOG detector on a picture enlarged once, one embedding per face.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import face_recognition
import numpy as np
import numpy.typing as npt

from recognition.engine.answers import Box


def recognised(photo: bytes) -> tuple[list[tuple[int, int, int, int]], list[npt.NDArray[np.float64]]]:
    """Top, right, bottom and left of each face, and its embedding."""
    image: Any = face_recognition.load_image_file(BytesIO(photo))
    face_locations = face_recognition.face_locations(image)
    face_encodings = face_recognition.face_encodings(image, face_locations)
    return face_locations, face_encodings


def boxes(locations: Sequence[tuple[int, int, int, int]]) -> list[Box]:
    return [(left, top, right - left, bottom - top) for top, right, bottom, left in locations]
