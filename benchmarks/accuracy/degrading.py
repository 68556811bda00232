"""What cameras do to faces: small, blurred, too bright or dark, noisy, compressed. The same every time."""

import zlib
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks.engine.pictures import jpeg, png, scaled, side_px, with_noise
from recognition.engine.answers import Box, Pixels


@dataclass(frozen=True, slots=True)
class Degradation:
    """face_px: the side that the face is reduced to; a smaller one is left as it is.

    blur_px: how far it moves sideways meanwhile. gamma: above 1 is darker. noise: sigma in grey levels.
    jpeg_quality: None is lossless. They are applied in this order.
    """

    name: str
    face_px: int = 120
    blur_px: int = 0
    gamma: float = 1.0
    noise: float = 0.0
    jpeg_quality: int | None = None


CAMERA = Degradation("camera: 60 px, blur 5, noise 4, JPEG 60", face_px=60, blur_px=5, noise=4.0, jpeg_quality=60)

DEGRADATIONS = (
    *(Degradation(f"{side} px face", face_px=side) for side in (80, 60, 40, 30, 24)),
    Degradation("motion blur 10 % of the face", blur_px=12),
    Degradation("motion blur 20 % of the face", blur_px=24),
    *(Degradation(f"gamma {gamma:g}", gamma=gamma) for gamma in (0.5, 1.8, 3.0)),
    Degradation("JPEG 40 at 120 px", jpeg_quality=40),
    Degradation("noise 10", noise=10.0),
    CAMERA,
)


def degraded(pixels: Pixels, box: Box, by: Degradation, name: str) -> tuple[bytes, Box]:
    """The photo as a file, and where the face is on it. name: of the photo; its noise depends on that alone."""
    ratio = min(1.0, by.face_px / side_px(box))
    small = resized(pixels, ratio)
    small_box = scaled_box(box, ratio)
    small = moved(small, round(by.blur_px * side_px(small_box) / by.face_px))
    small = with_gamma(small, by.gamma)
    if by.noise:
        seed = zlib.crc32(f"{name} {by.name}".encode())
        small = with_noise(small, by.noise, np.random.default_rng(seed))
    return (png(small) if by.jpeg_quality is None else jpeg(small, by.jpeg_quality)), small_box


def resized(pixels: Pixels, ratio: float) -> Pixels:
    height, width = pixels.shape[:2]
    return scaled(pixels, max(1, round(width * ratio)), max(1, round(height * ratio)))


def scaled_box(box: Box, ratio: float) -> Box:
    left, top, width, height = (round(value * ratio) for value in box)
    return left, top, max(1, width), max(1, height)


def moved(pixels: Pixels, length_px: int) -> Pixels:
    """Blurred along a horizontal line of that many pixels."""
    if length_px <= 1:
        return pixels
    kernel = np.full((1, length_px), 1 / length_px, np.float32)
    return np.asarray(cv2.filter2D(pixels, -1, kernel, borderType=cv2.BORDER_REPLICATE), dtype=np.uint8)


def with_gamma(pixels: Pixels, gamma: float) -> Pixels:
    levels = np.rint(255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)
    return levels[pixels]
