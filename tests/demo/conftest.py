from importlib.resources import files
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def astronaut() -> Path:
    return Path(str(files("skimage"))) / "data" / "astronaut.png"
