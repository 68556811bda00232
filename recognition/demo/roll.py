"""What a simulated camera shows next."""

import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from recognition.demo.scenes import SceneMaker

CONTENT_TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


@dataclass(frozen=True, slots=True)
class Shot:
    photo: bytes
    content_type: str


class Roll(Protocol):
    """A camera's endless sequence of photos."""

    def next(self) -> Shot: ...


class FolderRoll:
    """The photos of a folder in the order of their names, over and over.

    start: where this camera begins, so that cameras that share a folder do not show the same at once.
    """

    def __init__(self, photos: Sequence[Path], start: int = 0) -> None:
        self._photos = photos
        self._position = start

    def next(self) -> Shot:
        path = self._photos[self._position % len(self._photos)]
        self._position += 1
        return shot_of(path)


class MixedRoll:
    """Fresh scenes, real photos as they are, and now and then a photo that this camera has sent before."""

    REPEATS = 0.2
    REAL = 0.2
    REMEMBERED = 8

    def __init__(self, real_photos: Sequence[Path], scenes: SceneMaker, seed: int | None = None) -> None:
        self._real_photos = real_photos
        self._scenes = scenes
        self._random = random.Random(seed)  # noqa: S311 (nothing depends on its being unguessable)
        self._sent: deque[Shot] = deque(maxlen=self.REMEMBERED)

    def next(self) -> Shot:
        chance = self._random.random()
        if self._sent and chance < self.REPEATS:
            return self._random.choice(self._sent)
        shot = self._fresh(real=chance > 1 - self.REAL)
        self._sent.append(shot)
        return shot

    def _fresh(self, *, real: bool) -> Shot:
        if real and self._real_photos:
            return shot_of(self._random.choice(self._real_photos))
        return Shot(self._scenes.make(), "image/jpeg")


def photos_in(folder: Path) -> list[Path]:
    """The JPEG, PNG and WebP files of a folder, by name."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in CONTENT_TYPES and path.is_file())


def shot_of(path: Path) -> Shot:
    return Shot(path.read_bytes(), CONTENT_TYPES[path.suffix.lower()])
