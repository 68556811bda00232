from io import BytesIO

import cv2
import numpy as np
import pytest
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
    red[:, :, 0] = 200
    shown = np.asarray(Image.open(BytesIO(thumbnail(red, (30, 30, 40, 40))))).mean(axis=(0, 1))
    assert shown[0] > 190
    assert shown[2] < 20
