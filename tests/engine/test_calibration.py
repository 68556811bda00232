from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from recognition.engine.calibration import PHOTOS, Chip, Chips, NoFaces, calibration_chips, faces_on, trial_chips
from recognition.samples.photos import PhotoFolder


@pytest.fixture
def folder(tmp_path: Path) -> PhotoFolder:
    """Of made-up photos: each one's content is its number among those wanted."""
    kept = PhotoFolder(tmp_path)
    for number, photo in enumerate(PHOTOS):
        kept.keep(photo, bytes([number]))
    return kept


def test_the_faces_come_in_the_catalogues_order(folder: PhotoFolder) -> None:
    assert _shades(faces_on(folder, lambda photo: [_flat(photo[0])])) == [0, 1, 2, 3, 4, 5, 6]


def test_only_the_likeliest_face_of_the_portrait_is_taken(folder: PhotoFolder) -> None:
    assert _shades(faces_on(folder, lambda photo: [_flat(photo[0]), _flat(99)]))[:3] == [0, 1, 99]


def test_a_photo_on_which_no_face_is_found_is_left_out(folder: PhotoFolder) -> None:
    assert _shades(faces_on(folder, lambda photo: [_flat(photo[0])] if photo[0] != 5 else [])) == [0, 1, 2, 3, 4, 6]


def test_without_a_face_on_the_portrait_there_is_no_calibration(folder: PhotoFolder) -> None:
    with pytest.raises(NoFaces, match=r"no face was found on astronaut\.png"):
        faces_on(folder, _none)


def test_equal_faces_give_equal_chips() -> None:
    faces = _faces()
    assert all(np.array_equal(chips(faces), chips(faces)) for chips in (calibration_chips, trial_chips))


def test_the_trial_shows_no_variant_that_was_calibrated_with() -> None:
    faces = _faces()
    seen = {chip.tobytes() for chip in calibration_chips(faces)[len(faces) :]}
    assert seen.isdisjoint(chip.tobytes() for chip in trial_chips(faces))


def test_only_the_portrait_is_altered() -> None:
    faces = _faces()
    others_black = faces.copy()
    others_black[1:] = 0
    for chips in (calibration_chips, trial_chips):
        assert np.array_equal(chips(faces)[len(faces) :], chips(others_black)[len(faces) :])


def _none(photo: bytes) -> Sequence[Chip]:
    return []


def _flat(shade: int) -> Chip:
    return np.full((150, 150, 3), shade, np.uint8)


def _shades(chips: Chips) -> list[int]:
    return [int(chip[0, 0, 0]) for chip in chips]


def _faces() -> Chips:
    return np.random.default_rng(0).integers(0, 256, (3, 150, 150, 3), dtype=np.uint8)
