"""Makes photos that no camera took: the public-domain astronaut in front of a made-up shopping mall.

Only her photo may be altered; the other photos of the demo are shown as they are.
"""

from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

WIDTH_PX, HEIGHT_PX = 640, 360

_BUST = (85, 0, 365, 290)  # head and shoulders in the photo; a HOG detector takes a patch below them for a face
_FACE_SIDE_PX = 90  # of the face in the photo
_FACE_RANGE_PX = (55, 110)  # of the face in a scene
_WALLS = ((196, 186, 172), (172, 182, 190), (205, 199, 190), (150, 156, 150))

_Picture = Image.Image


class SceneMaker:
    """Each scene differs from all others in its bytes. With the same seed come the same scenes.

    astronaut: her whole photo, or None: then the scenes are empty.
    """

    def __init__(self, astronaut: Path | None, seed: int | None = None) -> None:
        self._random = np.random.default_rng(seed)
        self._bust = _bust(astronaut) if astronaut else None

    def make(self) -> bytes:
        """A JPEG of 640 x 360 pixels."""
        scene = _mall(self._random)
        if self._bust:
            _place(scene, self._bust, self._random)
        lit = ImageEnhance.Brightness(scene).enhance(float(self._random.uniform(0.65, 1.3)))
        file = BytesIO()
        _with_noise(lit, self._random).save(file, "JPEG", quality=int(self._random.integers(78, 93)))
        return file.getvalue()


def portrait(astronaut: Path) -> bytes:
    """The part of her photo with her face alone, as PNG."""
    file = BytesIO()
    _cut_out(astronaut).save(file, "PNG")
    return file.getvalue()


def _cut_out(astronaut: Path) -> _Picture:
    with Image.open(astronaut) as photo:
        return photo.convert("RGB").crop(_BUST)


def _bust(astronaut: Path) -> _Picture:
    """RGBA, its border fading out."""
    bust = _cut_out(astronaut)
    mask = Image.new("L", bust.size)
    width, height = bust.size
    draw = ImageDraw.Draw(mask)
    draw.ellipse((64, 2, 206, 200), fill=255)  # the head
    draw.ellipse((26, 130, width - 26, height + 190), fill=255)  # the shoulders
    bust.putalpha(mask.filter(ImageFilter.GaussianBlur(6)))
    return bust


def _place(scene: _Picture, bust: _Picture, random: np.random.Generator) -> None:
    """Stands her somewhere on the scene, cut by its lower edge at most."""
    scale = float(random.uniform(*_FACE_RANGE_PX)) / _FACE_SIDE_PX
    size = (round(bust.width * scale), round(bust.height * scale))
    figure = bust.resize(size, Image.Resampling.LANCZOS)
    left = int(random.integers(0, scene.width - size[0] + 1))
    top = max(0, scene.height - size[1])
    scene.paste(figure, (left, top), figure)


def _mall(random: np.random.Generator) -> _Picture:
    """A wall, a floor and lit shop windows, out of focus."""
    wall = _WALLS[int(random.integers(len(_WALLS)))]
    scene = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), wall)
    draw = ImageDraw.Draw(scene)
    floor = int(random.integers(240, 300))
    draw.rectangle((0, floor, WIDTH_PX, HEIGHT_PX), fill=tuple(int(level * 0.7) for level in wall))
    left = int(random.integers(-60, 20))
    while left < WIDTH_PX:
        width = int(random.integers(90, 200))
        light = tuple(int(level) for level in random.integers((200, 190, 150), (250, 235, 200)))
        draw.rectangle((left, int(random.integers(40, 80)), left + width, floor), fill=light, outline=(70, 70, 74))
        left += width + int(random.integers(20, 70))
    return scene.filter(ImageFilter.GaussianBlur(4))


def _with_noise(picture: _Picture, random: np.random.Generator) -> _Picture:
    levels: npt.NDArray[np.float32] = np.asarray(picture, dtype=np.float32)
    noisy = levels + random.normal(0, 2, levels.shape).astype(np.float32)
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
