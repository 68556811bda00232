import subprocess
import sys
from io import BytesIO

import cv2
import face_recognition
import numpy as np
import pytest
from PIL import Image, ImageFile

from recognition.engine import Recognition, Recognizer, UnknownEngine, Unreadable, load_recognizer
from recognition.engine.reference import certainty
from tests.engine.conftest import sample, written
from tests.recognizers import asked

PHOTOS = (
    "people/obama/obama-720p.jpg",
    "people/rose_leslie/img2.jpg",
    "people/lin-manuel_miranda/lin-manuel-miranda.png",
    "crowd/kit_with_rose.jpg",
    "bad/obama_partial_face.jpg",
    "bad/rgba_32bit.png",
)


def recognised(recognizer: Recognizer, photo: bytes) -> Recognition:
    (answer,) = asked(recognizer, photo)
    assert isinstance(answer, Recognition)
    return answer


def assert_equals_the_package(recognizer: Recognizer, photo: bytes) -> None:
    picture = face_recognition.load_image_file(BytesIO(photo))
    locations = face_recognition.face_locations(picture)
    encodings = face_recognition.face_encodings(picture, locations)
    faces = recognised(recognizer, photo).faces
    assert [(y, x + width, y + height, x) for x, y, width, height in (face.box for face in faces)] == locations
    assert len(locations) >= 1
    for face, encoding in zip(faces, encodings, strict=True):
        np.testing.assert_array_equal(face.embedding, encoding.astype(np.float32))


def test_boxes_and_embeddings_are_those_of_the_package(recognizer: Recognizer, astronaut: bytes) -> None:
    assert_equals_the_package(recognizer, astronaut)


@pytest.mark.parametrize("name", PHOTOS)
def test_boxes_and_embeddings_of_a_sample_are_those_of_the_package(recognizer: Recognizer, name: str) -> None:
    assert_equals_the_package(recognizer, sample(name))


def test_the_astronaut_is_found_where_she_is(recognizer: Recognizer, astronaut: bytes) -> None:
    answer = recognised(recognizer, astronaut)
    assert (answer.width_px, answer.height_px) == (512, 512)
    x, y, width, height = max(answer.faces, key=lambda face: face.score).box
    assert x < 220 < x + width
    assert y < 120 < y + height


def test_landmarks_stand_in_their_documented_order(recognizer: Recognizer, portrait: Image.Image) -> None:
    (face,) = recognised(recognizer, written(portrait)).faces
    assert face.landmarks.dtype == np.float32
    assert face.landmarks.shape == (5, 2)
    xs = face.landmarks[:, 0]
    assert xs[0] < xs[1] < xs[4] < xs[3] < xs[2]
    assert face.landmarks[4, 1] > face.landmarks[:4, 1].max()


def test_an_embedding_is_128_float32(recognizer: Recognizer, portrait: Image.Image) -> None:
    (face,) = recognised(recognizer, written(portrait)).faces
    assert face.embedding.dtype == np.float32
    assert face.embedding.shape == (128,)


def test_a_photo_without_a_face_has_no_faces(recognizer: Recognizer) -> None:
    assert recognised(recognizer, written(Image.new("RGB", (80, 60), "teal"))).faces == ()


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1)])
def test_a_sliver_of_a_photo_has_no_faces(recognizer: Recognizer, size: tuple[int, int]) -> None:
    assert recognised(recognizer, written(Image.new("RGB", size))).faces == ()


def test_one_person_is_nearer_to_herself_than_to_another(recognizer: Recognizer) -> None:
    names = ("people/obama/obama.jpg", "people/obama/obama2.jpg", "people/biden/biden2.jpg")
    first, again, other = (recognised(recognizer, sample(name)).faces[0].embedding for name in names)
    assert np.linalg.norm(first - again) < 0.6 < np.linalg.norm(first - other)


def test_answers_come_in_order_and_a_bad_photo_spoils_no_other(recognizer: Recognizer, portrait: Image.Image) -> None:
    empty = written(Image.new("RGB", (70, 50)))
    answers = asked(recognizer, empty, b"no picture", written(portrait), b"")
    assert [type(answer) for answer in answers] == [Recognition, Unreadable, Recognition, Unreadable]
    assert isinstance(answers[0], Recognition)
    assert isinstance(answers[2], Recognition)
    assert (answers[0].width_px, len(answers[2].faces)) == (70, 1)


def test_no_photos_give_no_answers(recognizer: Recognizer) -> None:
    assert recognizer.recognise([]) == []


def test_the_time_taken_is_told(recognizer: Recognizer, portrait: Image.Image) -> None:
    assert recognised(recognizer, written(portrait)).took_us > 1000


def test_certainty_is_a_half_at_the_threshold_and_rises_towards_one() -> None:
    assert certainty(0.0) == 0.5
    assert 0.5 < certainty(1.0) < certainty(3.0) < 1.0


def test_the_reference_says_what_it_serves(recognizer: Recognizer) -> None:
    assert recognizer.recipes == {"reference.0.fp32"}
    assert recognizer.space == "dlib-resnet-v1"
    assert recognizer.engine_id.startswith("face_recognition-1.3.0+dlib-")


@pytest.mark.usefixtures("recognizer")
def test_loading_takes_one_thread_and_no_half_photos() -> None:
    assert cv2.getNumThreads() == 1
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_an_unknown_engine_is_named_with_what_there_is() -> None:
    with pytest.raises(UnknownEngine, match=r"'warp'.*reference"):
        load_recognizer("warp")


def test_importing_the_package_loads_no_engine() -> None:
    heavy = "{'dlib', 'face_recognition', 'cv2', 'PIL', 'django', 'redis'}"
    program = f"import sys, recognition.engine; sys.exit(' '.join({heavy} & set(sys.modules)) or 0)"
    finished = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert (finished.returncode, finished.stderr) == (0, "")
