"""Making pictures smaller, the quick way: halved as long as that leaves enough, then scaled the rest of it.

Halving averages 2 x 2 pixels, which processors do at the speed of memory; averaging over an odd area takes five times
as long, and scaling far without averaging leaves out most of the picture.
"""

import cv2
import numpy as np

from recognition.engine.answers import Pixels


def fitted(pixels: Pixels, side_px: int) -> Pixels:
    """The picture, uint8 (height, width, 3), with its longer side at most `side_px`; it is never enlarged."""
    height, width = pixels.shape[:2]
    scale = side_px / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    while can_be_halved(pixels, side_px):
        pixels = halved(pixels)
    if pixels.shape[1::-1] == size:
        return pixels
    return _resized(pixels, size, cv2.INTER_LINEAR)


def can_be_halved(pixels: Pixels, side_px: int) -> bool:
    """Whether half the picture is still `side_px` wide or high."""
    height, width = pixels.shape[:2]
    return bool(max(height, width) >= 2 * side_px and min(height, width) >= 2)


def halved(pixels: Pixels) -> Pixels:
    """The means of 2 x 2 pixels; an odd last row or column is left out."""
    height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
    return _resized(pixels[: 2 * height, : 2 * width], (width, height), cv2.INTER_AREA)


def _resized(pixels: Pixels, size: tuple[int, int], interpolation: int) -> Pixels:
    return np.asarray(cv2.resize(pixels, size, interpolation=interpolation), dtype=np.uint8)
