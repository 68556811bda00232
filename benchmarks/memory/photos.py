"""Small photos, no two alike: crops of real photos, or of drawn halls without a face, in many sizes and qualities."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from benchmarks.engine.photos import pictures_in
from benchmarks.engine.pictures import hall, jpeg, read, scaled
from benchmarks.processes import BenchmarkFailed
from recognition.engine.answers import Pixels

LONGEST_PX = 960  # of a picture that photos are cut from
WIDTHS_PX = (120, 480)
QUALITIES = (60, 95)
SMALLEST_SHARE = 0.4  # of a picture's sides that a photo shows
HALLS = 6  # without a face, among the pictures


def small_photos(folder: Path | None) -> Iterator[bytes]:
    """Without end; the same photos come in the same order from the same folder, and of halls alone without one.

    Raises BenchmarkFailed for a folder without photos.
    """
    random = np.random.default_rng(6)
    files = pictures_in(folder) if folder else []
    if folder and not files:
        raise BenchmarkFailed(f"there are no photos in {folder}")
    pictures = [_small(read(file.read_bytes())) for file in files]
    pictures += [hall(LONGEST_PX, LONGEST_PX * 9 // 16, random) for _ in range(HALLS)]
    while True:
        yield _photo(pictures[int(random.integers(len(pictures)))], random)


def _small(picture: Pixels) -> Pixels:
    height, width = picture.shape[:2]
    ratio = min(1.0, LONGEST_PX / max(height, width))
    return scaled(picture, round(width * ratio), round(height * ratio))


def _photo(picture: Pixels, random: np.random.Generator) -> bytes:
    height, width = picture.shape[:2]
    share = random.uniform(SMALLEST_SHARE, 1)
    cut_width, cut_height = round(width * share), round(height * share)
    left, top = int(random.integers(width - cut_width + 1)), int(random.integers(height - cut_height + 1))
    cut = np.ascontiguousarray(picture[top : top + cut_height, left : left + cut_width])
    if random.random() < 0.5:
        cut = cut[:, ::-1]
    if random.random() < 0.1:
        cut = np.asarray(cv2.cvtColor(cut, cv2.COLOR_BGR2GRAY), np.uint8)
    width_px = int(random.integers(*WIDTHS_PX, endpoint=True))
    photo = scaled(cut, width_px, max(1, round(cut_height * width_px / cut_width)))
    return jpeg(photo, int(random.integers(*QUALITIES, endpoint=True)))
