from collections.abc import Callable
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from recognition.engine import Recognizer, load_recognizer

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"

WritePicture = Callable[..., bytes]


@pytest.fixture(scope="session")
def recognizer() -> Recognizer:
    return load_recognizer("reference")


@pytest.fixture(scope="session")
def astronaut() -> bytes:
    """The whole photo: a face, and a patch of the space suit that the detector takes for one."""
    # files() finds the folder without importing scikit-image, which loads half of scipy.
    return Path(str(files("skimage"))).joinpath("data", "astronaut.png").read_bytes()


@pytest.fixture(scope="session")
def portrait(astronaut: bytes) -> Image.Image:
    """The part around the face, 200 pixels square: quick to look at, and one face only."""
    return Image.open(BytesIO(astronaut)).convert("RGB").crop((120, 20, 320, 220))


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
