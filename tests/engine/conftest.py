from collections.abc import Callable
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from recognition.engine import Recognizer, load_recognizer
from recognition.engine.answers import Pixels
from recognition.engine.models import ModelFolder, ready_models

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"

WritePicture = Callable[..., bytes]


@pytest.fixture(scope="session")
def recognizer() -> Recognizer:
    return load_recognizer("reference")


@pytest.fixture(scope="session")
def models() -> ModelFolder:
    return ready_models()


@pytest.fixture(scope="session")
def fast(models: ModelFolder) -> Recognizer:
    return load_recognizer("fast")


@pytest.fixture(scope="session")
def astronaut() -> bytes:
    """The whole photo: a face, and a patch of the space suit that the detector takes for one."""
    # files() finds the folder without importing scikit-image, which loads half of scipy.
    return Path(str(files("skimage"))).joinpath("data", "astronaut.png").read_bytes()


@pytest.fixture(scope="session")
def portrait(astronaut: bytes) -> Image.Image:
    """The part around the face, 200 pixels square: quick to look at, and one face only."""
    return Image.open(BytesIO(astronaut)).convert("RGB").crop((120, 20, 320, 220))


@pytest.fixture(scope="session")
def astronaut_bgr(astronaut: bytes) -> Pixels:
    return as_bgr(astronaut)


def as_bgr(photo: bytes) -> Pixels:
    rgb = np.asarray(Image.open(BytesIO(photo)).convert("RGB"))
    return np.ascontiguousarray(rgb[:, :, ::-1])


def written(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def sample(name: str) -> bytes:
    """A photo of the sample folder beside the repository, which not every machine has."""
    path = SAMPLES / name
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    return path.read_bytes()
