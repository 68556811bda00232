import cv2
import numpy as np
import pytest

from recognition.engine.answers import Pixels
from recognition.engine.detection import MOST_FACES, NMS_THRESHOLD, SCORE_THRESHOLD, Detections, Detector, decoded
from recognition.engine.models import ModelFolder
from recognition.engine.models.detector_network import build
from recognition.engine.models.dlib_format import BadModelFile
from recognition.engine.models.folder import Sources
from recognition.engine.resizing import fitted
from tests.engine.conftest import as_bgr, sample

EQUAL_PX = 0.01


@pytest.fixture(scope="module")
def detector(models: ModelFolder) -> Detector:
    return Detector(models.detector)


def by_opencv(picture: Pixels) -> np.ndarray:
    """float32 (n, 15): box, landmarks, score."""
    height, width = picture.shape[:2]
    network = str(Sources.installed().detector)
    opencv = cv2.FaceDetectorYN.create(network, "", (width, height), SCORE_THRESHOLD, NMS_THRESHOLD, 5000)
    _, faces = opencv.detect(picture)
    return np.zeros((0, 15), np.float32) if faces is None else faces


def assert_equal(found: Detections, expected: np.ndarray) -> None:
    assert len(found) == len(expected)
    np.testing.assert_allclose(found.boxes, expected[:, :4], atol=EQUAL_PX)
    np.testing.assert_allclose(found.landmarks.reshape(-1, 10), expected[:, 4:14], atol=EQUAL_PX)
    np.testing.assert_allclose(found.scores, expected[:, 14], atol=1e-4)


@pytest.mark.parametrize("side_px", [97, 200, 320, 333, 480, 512])
def test_faces_are_where_opencv_finds_them(detector: Detector, astronaut_bgr: Pixels, side_px: int) -> None:
    picture = fitted(astronaut_bgr, side_px)
    expected = by_opencv(picture)
    assert len(expected)
    assert_equal(detector.detect_as_is(picture), expected)


@pytest.mark.parametrize("name", ["multiface.jpg", "two_people.jpg", "obama_and_biden.jpg"])
@pytest.mark.parametrize("side_px", [320, 480, 640, 960])
def test_crowds_are_where_opencv_finds_them(detector: Detector, name: str, side_px: int) -> None:
    picture = fitted(as_bgr(sample(f"crowd/{name}")), side_px)
    assert_equal(detector.detect_as_is(picture), by_opencv(picture))


def test_faces_that_overlap_are_one(detector: Detector, astronaut_bgr: Pixels) -> None:
    assert len(detector.detect(astronaut_bgr, 480)) == 1


def test_nobody_is_found_on_an_empty_picture(detector: Detector) -> None:
    found = detector.detect(np.full((480, 640, 3), 90, np.uint8), 640)
    assert found.boxes.shape == (0, 4)
    assert found.landmarks.shape == (0, 5, 2)
    assert found.scores.shape == (0,)


def test_a_picture_after_a_larger_one_has_none_of_its_faces(detector: Detector, astronaut_bgr: Pixels) -> None:
    detector.detect_as_is(astronaut_bgr)
    assert len(detector.detect_as_is(np.zeros((490, 500, 3), np.uint8))) == 0


@pytest.mark.parametrize("face_px", [20, 24, 40, 70])
def test_every_face_of_20_pixels_and_more_is_found(detector: Detector, astronaut_bgr: Pixels, face_px: int) -> None:
    (box,) = detector.detect(astronaut_bgr, 512).boxes
    side_px = round(512 * face_px / ((box[2] + box[3]) / 2))
    small = cv2.resize(astronaut_bgr, (side_px, side_px), interpolation=cv2.INTER_AREA)
    scene = np.full((480, 640, 3), 110, np.uint8)
    for left in (0, 8, 13):
        scene[100 : 100 + side_px, left : left + side_px] = small
        assert len(detector.detect_as_is(scene)) == 1


def test_a_result_is_in_pixels_of_the_whole_picture(detector: Detector, astronaut_bgr: Pixels) -> None:
    twice = cv2.resize(astronaut_bgr, (1024, 1024), interpolation=cv2.INTER_LINEAR)
    small, large = detector.detect(astronaut_bgr, 320), detector.detect(np.asarray(twice, np.uint8), 320)
    np.testing.assert_allclose(large.boxes, small.boxes * 2, atol=8)
    np.testing.assert_allclose(large.landmarks, small.landmarks * 2, atol=8)


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1081, 1921), (641, 3), (5000, 1), (1, 5000), (1, 1)])
def test_a_picture_is_made_to_fit_and_never_enlarged(width: int, height: int) -> None:
    seen = fitted(np.zeros((height, width, 3), np.uint8), 640)
    assert max(seen.shape[:2]) == min(640, max(width, height))
    assert min(seen.shape[:2]) >= 1


def test_any_picture_can_be_looked_at(detector: Detector) -> None:
    for shape in [(1, 1), (1, 700), (700, 1), (33, 31)]:
        assert len(detector.detect(np.zeros((*shape, 3), np.uint8), 640)) == 0


def test_no_likely_place_is_no_face() -> None:
    heads = [np.full((1, 16, size, size), -10, np.float32) for size in (8, 4, 2)]
    assert len(decoded(heads)) == 0


def test_another_network_is_no_yunet(models: ModelFolder) -> None:
    with pytest.raises(BadModelFile):
        build(models.face_fp32.read_bytes())


def test_the_likeliest_of_very_many_faces_are_taken() -> None:
    heads = [np.full((1, 16, size, size), -10, np.float32) for size in (160, 80, 40)]
    heads[0][0, :, ::4, ::4] = 0
    heads[0][0, :2, ::4, ::4] = np.random.default_rng(5).uniform(1, 4, (2, 40, 40))
    found = decoded(heads)
    assert len(found) == MOST_FACES
    assert found.scores.min() > 0.85
