import dlib
import numpy as np
import pytest

from recognition.engine.alignment import Aligner
from recognition.engine.answers import Pixels
from recognition.engine.detection import Detector
from recognition.engine.models import ModelFolder
from recognition.engine.models.dlib_format import BadModelFile
from recognition.engine.models.folder import Sources
from recognition.engine.models.landmark_predictor import shortened


@pytest.fixture(scope="module")
def original() -> bytes:
    return Sources.installed().landmark_predictor.read_bytes()


def test_a_predictor_that_loses_no_stage_is_the_same_file(original: bytes) -> None:
    assert shortened(original, 15) == original


def test_a_predictor_has_no_more_stages_than_it_has(original: bytes) -> None:
    with pytest.raises(BadModelFile):
        shortened(original, 16)


@pytest.mark.parametrize("content", [b"", b"\x01\x02", b"not a predictor"])
def test_another_file_is_no_predictor(content: bytes) -> None:
    with pytest.raises(BadModelFile):
        shortened(content)


def test_ten_stages_find_the_points_of_fifteen(models: ModelFolder, astronaut_bgr: Pixels) -> None:
    (box,) = Detector(models.detector).detect(astronaut_bgr, 512).boxes
    short = Aligner(models.landmark_predictor).align(astronaut_bgr, box).landmarks
    whole = Aligner(Sources.installed().landmark_predictor).align(astronaut_bgr, box).landmarks
    assert np.abs(short - whole).max() <= 0.03 * box[2]


def test_the_points_are_in_the_order_of_the_picture(models: ModelFolder, astronaut_bgr: Pixels) -> None:
    (box,) = Detector(models.detector).detect(astronaut_bgr, 512).boxes
    left_outer, left_inner, right_outer, right_inner, nose = (
        Aligner(models.landmark_predictor).align(astronaut_bgr, box).landmarks
    )
    assert left_outer[0] < left_inner[0] < nose[0] < right_inner[0] < right_outer[0]
    assert nose[1] > max(left_inner[1], right_inner[1])


def test_a_chip_is_what_dlib_makes_of_its_points(models: ModelFolder, astronaut_bgr: Pixels) -> None:
    (box,) = Detector(models.detector).detect(astronaut_bgr, 512).boxes
    aligned = Aligner(models.landmark_predictor).align(astronaut_bgr, box)
    right_outer, right_inner, left_outer, left_inner, nose = (
        dlib.point(*(int(value) for value in aligned.landmarks[index])) for index in (2, 3, 0, 1, 4)
    )
    shape = dlib.full_object_detection(
        dlib.rectangle(0, 0, 10, 10), [right_outer, right_inner, left_outer, left_inner, nose]
    )
    np.testing.assert_array_equal(aligned.chip, dlib.get_face_chip(astronaut_bgr, shape, 150, 0.25))
