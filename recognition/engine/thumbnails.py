"""A small picture of a face, for the people who look at it."""

import cv2
import numpy as np
import numpy.typing as npt

from recognition.engine.answers import Box
from recognition.engine.resizing import fitted

SIDE_PX = 112
MARGIN = 0.25  # of the face's side, around it
JPEG_QUALITY = 85


def thumbnail(pixels: npt.NDArray[np.uint8], box: Box) -> bytes:
    """A square JPEG around the face, never enlarged; at the picture's edge the square is moved inwards.

    pixels: uint8 (height, width, 3), blue, green and red. box: left, top, width and height in its pixels.
    """
    left, top, side = _square(box, picture_width=pixels.shape[1], picture_height=pixels.shape[0])
    crop = np.ascontiguousarray(pixels[top : top + side, left : left + side])
    written, jpeg = cv2.imencode(".jpg", fitted(crop, SIDE_PX), (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY))
    if not written:
        raise RuntimeError(f"OpenCV did not encode a thumbnail of {side} x {side} pixels")
    return jpeg.tobytes()


def _square(box: Box, *, picture_width: int, picture_height: int) -> tuple[int, int, int]:
    """left, top and side in pixels, wholly inside the picture."""
    x, y, width, height = box
    side = max(1, min(round(max(width, height) * (1 + 2 * MARGIN)), picture_width, picture_height))
    left = min(max(x + (width - side) // 2, 0), picture_width - side)
    top = min(max(y + (height - side) // 2, 0), picture_height - side)
    return left, top, side
