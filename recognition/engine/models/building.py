"""Makes the networks' files, each whole or not at all, by one process at a time."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from recognition.engine.models import detector_network, face_network
from recognition.engine.models.dlib_format import BadModelFile
from recognition.engine.models.folder import ModelFolder, Sources
from recognition.engine.models.landmark_predictor import shortened


class BuildFailed(Exception):
    """Says in one line why the networks cannot be made."""


def build_what_is_needed(folder: ModelFolder) -> None:
    """Makes the files that are missing, int8 not among them. Raises BuildFailed, or OSError."""
    try:
        _build(folder, Sources.installed())
    except (ModuleNotFoundError, BadModelFile) as error:
        raise BuildFailed(str(error)) from error


def _build(folder: ModelFolder, sources: Sources) -> None:
    make(folder.detector, lambda: detector_network.build(sources.detector.read_bytes()).SerializeToString())
    make(folder.face_fp32, lambda: face_network.build(sources.face_network.read_bytes()).SerializeToString())
    make(folder.landmark_predictor, lambda: shortened(sources.landmark_predictor.read_bytes()))


def make(file: Path, content: Callable[[], bytes]) -> None:
    """Writes what `content` returns, unless the file is there."""
    if file.is_file():
        return
    with whole_or_not(file) as draft:
        draft.write_bytes(content())


@contextmanager
def whole_or_not(file: Path) -> Iterator[Path]:
    """A path to write to, which becomes `file` at the end; nothing is left of it when an error ends the writing."""
    draft = file.with_name(f".{os.getpid()}.{file.name}")
    try:
        yield draft
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def locked(folder: ModelFolder) -> Iterator[None]:
    """Waits until no other process makes files in `folder`. Raises OSError if it cannot be written to."""
    folder.root.mkdir(parents=True, exist_ok=True)
    with folder.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
