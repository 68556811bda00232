from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from recognition.demo.scenes import SceneMaker, portrait
from recognition.engine import Recognition, Recognizer, load_recognizer
from tests.recognizers import asked


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return load_recognizer("reference")


def faces_on(recognizer: Recognizer, photo: bytes) -> int:
    (answer,) = asked(recognizer, photo)
    assert isinstance(answer, Recognition)
    return len(answer.faces)


def test_each_scene_holds_one_face_that_the_engine_finds(recognizer: Recognizer, astronaut: Path) -> None:
    scenes = SceneMaker(astronaut, seed=5)
    assert [faces_on(recognizer, scenes.make()) for _ in range(6)] == [1] * 6


def test_the_portrait_holds_one_face_where_the_whole_photo_seems_to_hold_two(
    recognizer: Recognizer, astronaut: Path
) -> None:
    assert faces_on(recognizer, portrait(astronaut)) == 1
    assert faces_on(recognizer, astronaut.read_bytes()) == 2


def test_no_two_scenes_are_equal(astronaut: Path) -> None:
    scenes = SceneMaker(astronaut, seed=5)
    assert len({scenes.make() for _ in range(5)}) == 5


def test_two_makers_of_their_own_make_different_scenes(astronaut: Path) -> None:
    assert SceneMaker(astronaut).make() != SceneMaker(astronaut).make()


def test_a_scene_is_a_jpeg_of_the_documented_size(astronaut: Path) -> None:
    picture = Image.open(BytesIO(SceneMaker(astronaut).make()))
    assert (picture.format, picture.size) == ("JPEG", (640, 360))


def test_without_her_photo_the_mall_is_empty(recognizer: Recognizer) -> None:
    assert faces_on(recognizer, SceneMaker(None, seed=5).make()) == 0
