"""The faces that int8 is calibrated with, and those that it is then tried on: the same on every machine.

They are the faces on the catalogue's photos, and variants of the portrait that is in the public domain. The other
photos may not be manipulated, so that their faces are taken as they are. Which photos and variants they are matters
little: 17, 56 and 77 chips, and chips of other people, gave the same drift within a tenth.
"""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from recognition.samples.catalogue import ASTRONAUT, WHITE_HOUSE
from recognition.samples.photos import PhotoFolder

Chip = npt.NDArray[np.uint8]  # (150, 150, 3), blue, green and red
Chips = npt.NDArray[np.uint8]  # (n, 150, 150, 3)
ChipsOf = Callable[[bytes], Sequence[Chip]]  # the faces on a photo, the likeliest first

PHOTOS = (ASTRONAUT, *WHITE_HOUSE)


class NoFaces(Exception):
    """The public-domain portrait shows no face to whoever looked for one, so there is nothing to calibrate with."""


def faces_on(folder: PhotoFolder, chips_of: ChipsOf) -> Chips:
    """All faces on the photos that calibration needs, in the catalogue's order; the portrait is the first.

    Raises NoFaces, and FileNotFoundError if a photo was not fetched.
    """
    found = [list(chips_of(folder.path(photo).read_bytes())) for photo in PHOTOS]
    if not found[0]:
        raise NoFaces(f"no face was found on {ASTRONAUT.file}")
    return np.stack([found[0][0], *(chip for chips in found[1:] for chip in chips)])


def calibration_chips(faces: Chips) -> Chips:
    """What the activations' ranges are taken from: the faces, and how a camera may show the first of them."""
    portrait = faces[0]
    variants = [
        portrait[:, ::-1],
        *(brightened(portrait, gamma) for gamma in (0.35, 0.5, 1.8, 3.0)),
        cv2.GaussianBlur(portrait, (0, 0), 2.0),
        *(coarsened(portrait, side_px) for side_px in (40, 25)),
        compressed(portrait, 40),
        compressed(coarsened(portrait[:, ::-1], 60), 40),
    ]
    return np.stack([*faces, *variants])


def trial_chips(faces: Chips) -> Chips:
    """What int8 is tried on: the faces, and variants of the first of them that it was not calibrated with."""
    portrait, mirrored = faces[0], faces[0][:, ::-1]
    variants = [
        *(brightened(mirrored, gamma) for gamma in (0.35, 0.6, 2.2, 3.0)),
        *(brightened(portrait, gamma) for gamma in (0.6, 2.2)),
        *(coarsened(mirrored, side_px) for side_px in (50, 30)),
        coarsened(portrait, 30),
        cv2.GaussianBlur(mirrored, (0, 0), 3.0),
        *(smeared(chip, 15) for chip in (portrait, mirrored)),
        *(compressed(chip, 20) for chip in (portrait, mirrored)),
        *(compressed(noisy(coarsened(chip, 60)), 60) for chip in (portrait, mirrored)),
    ]
    return np.stack([*faces, *variants])


def brightened(chip: Chip, gamma: float) -> Chip:
    """gamma below 1 brightens, above 1 darkens."""
    levels = np.round(255 * (np.arange(256) / 255) ** gamma)
    return np.asarray(levels.astype(np.uint8)[chip])


def coarsened(chip: Chip, side_px: int) -> Chip:
    """As if the chip had been cut out of a photo on which it was `side_px` wide."""
    height, width = chip.shape[:2]
    small = cv2.resize(chip, (side_px, side_px), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def smeared(chip: Chip, length_px: int) -> Chip:
    """As if the face had moved across the picture by `length_px` while it was taken."""
    kernel = np.full((1, length_px), 1 / length_px, np.float32)
    return np.asarray(cv2.filter2D(chip, -1, kernel), dtype=np.uint8)


def noisy(chip: Chip) -> Chip:
    """With a small camera's noise: normal, 4 grey levels; always the same."""
    noise = np.random.default_rng(0).normal(0, 4, chip.shape)
    return np.asarray(np.clip(chip + noise, 0, 255).astype(np.uint8))


def compressed(chip: Chip, quality: int) -> Chip:
    """Written as a JPEG and read again."""
    _, written = cv2.imencode(".jpg", chip, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(written, cv2.IMREAD_COLOR), dtype=np.uint8)
