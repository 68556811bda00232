from dataclasses import replace

import numpy as np
import pytest

from benchmarks.accuracy.degrading import CAMERA, DEGRADATIONS, Degradation, degraded, moved, with_gamma
from benchmarks.engine.pictures import hall, read
from recognition.engine.answers import Pixels

BOX = (100, 60, 120, 120)


@pytest.fixture(scope="module")
def picture() -> Pixels:
    return hall(320, 240, np.random.default_rng(1))


@pytest.mark.parametrize("by", DEGRADATIONS, ids=lambda by: by.name)
def test_a_degraded_photo_is_the_same_every_time(picture: Pixels, by: Degradation) -> None:
    assert degraded(picture, BOX, by, "ada/1.jpg") == degraded(picture, BOX, by, "ada/1.jpg")


def test_two_photos_get_different_noise(picture: Pixels) -> None:
    assert degraded(picture, BOX, CAMERA, "ada/1.jpg") != degraded(picture, BOX, CAMERA, "ada/2.jpg")


def test_the_face_is_reduced_to_the_side_asked_for(picture: Pixels) -> None:
    photo, box = degraded(picture, BOX, Degradation("small", face_px=60), "ada/1.jpg")
    assert (box, read(photo).shape) == ((50, 30, 60, 60), (120, 160, 3))


def test_a_small_face_is_not_enlarged(picture: Pixels) -> None:
    _, box = degraded(picture, BOX, Degradation("large", face_px=200), "ada/1.jpg")
    assert box == BOX


def test_what_is_not_asked_for_is_left_as_it_is(picture: Pixels) -> None:
    photo, _ = degraded(picture, BOX, replace(CAMERA, face_px=120, blur_px=0, noise=0, jpeg_quality=None), "ada/1.jpg")
    assert np.array_equal(read(photo), picture)


def test_motion_spreads_a_point_along_a_line() -> None:
    point = np.zeros((3, 9, 3), np.uint8)
    point[1, 4] = 250
    assert moved(point, 5)[1, :, 0].tolist() == [0, 0, 50, 50, 50, 50, 50, 0, 0]


def test_a_gamma_above_1_darkens_the_middle_and_keeps_the_ends() -> None:
    levels = np.array([[[0, 128, 255]]], np.uint8)
    assert with_gamma(levels, 2).tolist() == [[[0, 64, 255]]]
