from pathlib import Path

import cv2
import dlib
import face_recognition
import numpy as np
import numpy.typing as npt
import pytest

from recognition.engine.alignment import Aligner
from recognition.engine.answers import Pixels
from recognition.engine.detection import Detector
from recognition.engine.embedding import Embedder
from recognition.engine.models import ModelFolder
from recognition.engine.models.dlib_format import BadModelFile
from recognition.engine.models.face_network import build
from recognition.engine.models.folder import Sources
from tests.engine.conftest import as_bgr, sample

EQUAL = 1e-5


@pytest.fixture(scope="module")
def embedder(models: ModelFolder) -> Embedder:
    return Embedder(models.face_fp32)


def chips_of(models: ModelFolder, picture: Pixels) -> list[npt.NDArray[np.uint8]]:
    found = Detector(models.detector).detect(picture, 960)
    aligner = Aligner(models.landmark_predictor)
    return [aligner.align(picture, box).chip for box in found.boxes]


def by_dlib(chip: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    rgb = np.ascontiguousarray(chip[:, :, ::-1])
    return np.array(face_recognition.api.face_encoder.compute_face_descriptor(rgb))


def variants(chip: npt.NDArray[np.uint8]) -> list[npt.NDArray[np.uint8]]:
    return [
        chip,
        np.ascontiguousarray(chip[:, ::-1]),
        (chip // 3).astype(np.uint8),
        np.asarray(cv2.GaussianBlur(chip, (9, 9), 3), np.uint8),
    ]


def test_an_embedding_is_dlibs_own(models: ModelFolder, embedder: Embedder, astronaut_bgr: Pixels) -> None:
    (chip,) = chips_of(models, astronaut_bgr)
    for picture in variants(chip):
        assert np.abs(embedder.embed([picture])[0] - by_dlib(picture)).max() <= EQUAL


@pytest.mark.parametrize("name", ["crowd/multiface.jpg", "crowd/two_people.jpg", "people/biden/biden.jpg"])
def test_embeddings_of_the_samples_are_dlibs_own(models: ModelFolder, embedder: Embedder, name: str) -> None:
    chips = chips_of(models, as_bgr(sample(name)))
    assert chips
    for embedding, chip in zip(embedder.embed(chips), chips, strict=True):
        assert np.abs(embedding - by_dlib(chip)).max() <= EQUAL


def test_noise_is_embedded_as_dlib_does_it(embedder: Embedder) -> None:
    noise = np.random.default_rng(7).integers(0, 256, (150, 150, 3), np.uint8)
    assert np.abs(embedder.embed([noise])[0] - by_dlib(noise)).max() <= EQUAL


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 17])
def test_a_batch_gives_what_its_faces_give_alone(embedder: Embedder, count: int) -> None:
    random = np.random.default_rng(count)
    chips = [random.integers(0, 256, (150, 150, 3), np.uint8) for _ in range(count)]
    together = embedder.embed(chips)
    assert len(together) == count
    for chip, embedding in zip(chips, together, strict=True):
        np.testing.assert_allclose(embedding, embedder.embed([chip])[0], atol=EQUAL)


def test_an_embedding_for_enrolment_is_the_mean_of_face_and_mirror_image(embedder: Embedder) -> None:
    chip = np.random.default_rng(1).integers(0, 256, (150, 150, 3), np.uint8)
    mirrored = np.ascontiguousarray(chip[:, ::-1])
    expected = (embedder.embed([chip])[0] + embedder.embed([mirrored])[0]) / 2
    np.testing.assert_allclose(embedder.embed_for_enrolment([chip])[0], expected, atol=EQUAL)


def test_another_file_is_no_network() -> None:
    with pytest.raises(BadModelFile):
        build(Sources.installed().landmark_predictor.read_bytes())


def test_half_a_file_is_no_network() -> None:
    content = Sources.installed().face_network.read_bytes()
    with pytest.raises(BadModelFile):
        build(content[: len(content) // 2])


def test_the_predictor_that_is_used_is_loaded_by_dlib(models: ModelFolder) -> None:
    assert isinstance(models.landmark_predictor, Path)
    assert dlib.shape_predictor(str(models.landmark_predictor))
