from io import BytesIO

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from recognition.engine import Face, Recognition, Recognizer
from recognition.engine.quality import gradient_sharpness, quality_parts
from recognition.engine.thumbnails import thumbnail
from tests.engine.conftest import written
from tests.recognizers import asked

SHARP = np.random.default_rng(3).integers(0, 256, (150, 150), dtype=np.uint8)


def only_face(recognizer: Recognizer, picture: Image.Image) -> Face:
    (answer,) = asked(recognizer, written(picture))
    assert isinstance(answer, Recognition)
    (face,) = answer.faces
    return face


def moved(picture: Image.Image, pixels: int) -> Image.Image:
    kernel = np.zeros((pixels, pixels), np.float32)
    kernel[pixels // 2] = 1 / pixels
    return Image.fromarray(cv2.filter2D(np.asarray(picture), -1, kernel))


@pytest.mark.parametrize(("side", "expected"), [(10, 0.0), (20, 0.0), (50, 0.5), (80, 1.0), (300, 1.0)])
def test_size_counts_from_20_to_80_pixels(side: int, expected: float) -> None:
    assert quality_parts((0, 0, side, side), SHARP)["size"] == expected


def test_a_chip_without_contrast_has_no_sharpness() -> None:
    assert quality_parts((0, 0, 90, 90), np.full((150, 150), 128, np.uint8))["sharpness"] == 0.0


def as_written_down(chip: npt.NDArray[np.uint8]) -> float:
    """The measure as its source has it, with no thought to speed."""
    grey = chip.astype(np.float64)
    across, down = cv2.Sobel(grey, cv2.CV_64F, 1, 0), cv2.Sobel(grey, cv2.CV_64F, 0, 1)
    least = np.linalg.eigvalsh(np.cov(across.ravel(), down.ravel()))[0]
    return float(max(least, 0.0) / (grey.var() + 25.0))


@given(
    seed=st.integers(0, 1 << 30),
    sigma=st.sampled_from([0.0, 0.7, 2.0, 6.0, 20.0]),
    contrast=st.floats(0.02, 4.0),
    stripes=st.booleans(),
)
def test_the_sharpness_is_the_one_written_down(seed: int, sigma: float, contrast: float, *, stripes: bool) -> None:
    levels = np.random.default_rng(seed).normal(0, 60, (1 if stripes else 150, 150))
    blurred = cv2.GaussianBlur(levels, (0, 0), sigma) if sigma else levels
    grey = np.broadcast_to(blurred * contrast + 128, (150, 150))
    chip = np.clip(grey, 0, 255).astype(np.uint8)
    assert gradient_sharpness(chip) == pytest.approx(as_written_down(chip), abs=1e-4, rel=1e-4)


@pytest.mark.parametrize(("score", "expected"), [(0.5, 0.0), (0.7, 0.0), (0.82, 0.5), (0.94, 1.0), (1.0, 1.0)])
def test_the_detectors_score_counts_from_its_threshold_up(score: float, expected: float) -> None:
    assert quality_parts((0, 0, 90, 90), SHARP, score)["score"] == pytest.approx(expected)


def test_a_detector_without_a_known_scale_adds_no_part() -> None:
    assert set(quality_parts((0, 0, 90, 90), SHARP)) == {"size", "sharpness"}


def test_edges_in_one_direction_alone_are_not_sharp() -> None:
    stripes = np.tile(np.repeat(np.array([0, 255], np.uint8), 5), (150, 15))
    assert gradient_sharpness(stripes) < 0.01 < gradient_sharpness(SHARP)


def test_a_clear_face_is_of_full_quality(recognizer: Recognizer, portrait: Image.Image) -> None:
    assert only_face(recognizer, portrait).quality == 1.0


def test_quality_is_the_least_of_its_parts(recognizer: Recognizer, portrait: Image.Image) -> None:
    face = only_face(recognizer, moved(portrait, 15))
    assert set(face.quality_parts) == {"size", "sharpness"}
    assert face.quality == min(face.quality_parts.values())


def test_motion_blur_lowers_the_quality(recognizer: Recognizer, portrait: Image.Image) -> None:
    little, much = (only_face(recognizer, moved(portrait, pixels)).quality for pixels in (13, 15))
    assert much < little < 1.0


def test_a_small_face_is_of_low_quality(recognizer: Recognizer, portrait: Image.Image) -> None:
    assert only_face(recognizer, portrait.resize((90, 90))).quality < 0.5


def test_a_thumbnail_is_a_square_jpeg_of_112_pixels_at_most(recognizer: Recognizer, portrait: Image.Image) -> None:
    picture = Image.open(BytesIO(only_face(recognizer, portrait).thumbnail))
    assert (picture.format, picture.size) == ("JPEG", (112, 112))


@pytest.mark.parametrize(
    ("box", "side"),
    [((0, 0, 40, 40), 60), ((260, 160, 40, 40), 60), ((100, 50, 1, 1), 2), ((0, 0, 300, 200), 112)],
)
def test_a_thumbnail_stays_within_the_picture(box: tuple[int, int, int, int], side: int) -> None:
    pixels = np.full((200, 300, 3), 90, np.uint8)
    assert Image.open(BytesIO(thumbnail(pixels, box))).size == (side, side)


def test_a_thumbnail_keeps_the_colours() -> None:
    red = np.zeros((100, 100, 3), np.uint8)
    red[:, :, 2] = 200
    shown = np.asarray(Image.open(BytesIO(thumbnail(red, (30, 30, 40, 40))))).mean(axis=(0, 1))
    assert shown[0] > 190
    assert shown[2] < 20
