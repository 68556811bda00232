"""Making photos out of photos: cut, scaled, with noise, pasted on another. Nothing here is part of the product."""

from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from recognition.engine.answers import Box, Pixels

JPEG_QUALITY = 85


def read(photo: bytes) -> Pixels:
    """Blue, green and red, turned as EXIF says."""
    pixels = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise ValueError("OpenCV cannot read this photo")
    return cast(Pixels, pixels)


def jpeg(pixels: Pixels, quality: int = JPEG_QUALITY) -> bytes:
    return cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, quality))[1].tobytes()


def png(pixels: Pixels) -> bytes:
    return cv2.imencode(".png", pixels)[1].tobytes()


def scaled(pixels: Pixels, width_px: int, height_px: int) -> Pixels:
    if pixels.shape[:2] == (height_px, width_px):
        return pixels
    way = cv2.INTER_AREA if width_px < pixels.shape[1] else cv2.INTER_CUBIC
    return cast(Pixels, cv2.resize(pixels, (width_px, height_px), interpolation=way))


def with_noise(pixels: Pixels, sigma: float, random: np.random.Generator) -> Pixels:
    """sigma: in grey levels, the same for each pixel and channel."""
    noise = random.standard_normal(pixels.shape, np.float32) * np.float32(sigma)
    return np.clip(np.rint(pixels + noise), 0, 255).astype(np.uint8)


def side_px(box: Box) -> float:
    return (box[2] + box[3]) / 2


def around(pixels: Pixels, box: Box, times: float) -> tuple[Pixels, Box]:
    """What lies within `times` the face's side around it, as far as the photo reaches, and the box in there."""
    left, top, width, height = box
    half = side_px(box) * times / 2
    x, y = left + width / 2, top + height / 2
    first_x, first_y = max(0, round(x - half)), max(0, round(y - half))
    cut = pixels[first_y : round(y + half), first_x : round(x + half)]
    return np.ascontiguousarray(cut), (left - first_x, top - first_y, width, height)


def wide_around(pixels: Pixels, box: Box, aspect: float) -> Pixels:
    """The largest part of that aspect (width over height), moved to where the face is."""
    height, width = pixels.shape[:2]
    cut_width, cut_height = min(width, round(height * aspect)), min(height, round(width / aspect))
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    left = min(max(0, round(x - cut_width / 2)), width - cut_width)
    top = min(max(0, round(y - cut_height / 2)), height - cut_height)
    return np.ascontiguousarray(pixels[top : top + cut_height, left : left + cut_width])


def pasted(background: Pixels, picture: Pixels, left: int, top: int, mask: npt.NDArray[np.float32]) -> Pixels:
    """mask: float32 (height, width) of the picture, 0 where the background stays."""
    height, width = picture.shape[:2]
    whole = background.copy()
    place = whole[top : top + height, left : left + width]
    share = mask[:, :, np.newaxis]
    place[:] = np.rint(picture * share + place * (1 - share)).astype(np.uint8)
    return whole


def oval(height: int, width: int) -> npt.NDArray[np.float32]:
    """1 in the middle, falling to 0 at an ellipse that touches the borders."""
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, np.newaxis]
    across = np.linspace(-1, 1, width, dtype=np.float32)[np.newaxis, :]
    inside: npt.NDArray[np.float32] = np.clip((1 - np.hypot(down, across)) * 6, 0, 1)
    return inside


def hall(width_px: int, height_px: int, random: np.random.Generator) -> Pixels:
    """An empty hall: a floor, a wall and lit shop fronts, all out of focus."""
    pixels = np.empty((height_px, width_px, 3), np.float32)
    pixels[:] = random.uniform(120, 200, 3)
    floor = round(height_px * random.uniform(0.6, 0.75))
    pixels[floor:] = np.linspace(1.0, 0.7, height_px - floor)[:, None, None] * random.uniform(90, 170, 3)
    for left in range(0, width_px, width_px // 6):
        right, top = left + round(width_px * 0.13), round(height_px * random.uniform(0.1, 0.3))
        pixels[top:floor, left:right] = random.uniform(40, 230, 3)
    soft = cv2.GaussianBlur(pixels, (0, 0), width_px / 240)
    return np.clip(np.rint(soft), 0, 255).astype(np.uint8)
