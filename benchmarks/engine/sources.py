"""Where the photos come from that are measured."""

from pathlib import Path

from mallvision.environment import BASE_DIR
from recognition.engine.models import ModelFolder
from recognition.samples.package_index import pips_index
from recognition.samples.photos import PhotoFolder, fetch_missing, is_complete

SAMPLES = BASE_DIR.parent / "shared" / "samples"


def default_folder() -> Path:
    """A folder of samples beside the project, else the demo mall's photos. Raises PhotosUnavailable."""
    return SAMPLES if SAMPLES.is_dir() else fetched_photos()


def fetched_photos() -> Path:
    folder = PhotoFolder(ModelFolder.of_environment().photos)
    if not is_complete(folder):
        fetch_missing(folder, pips_index())
    return folder.photos
