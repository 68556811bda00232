"""The networks' files: made once, whole or not at all, and int8 only where it is as good as fp32."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from recognition.engine.embedding import Embedders
from recognition.engine.fast import Fast
from recognition.engine.fitness import Verdict
from recognition.engine.models import ModelFolder, ModelsUnavailable, int8, ready_models
from recognition.engine.models.building import build_what_is_needed, make, whole_or_not
from recognition.engine.models.dlib_format import BadModelFile, DlibReader
from recognition.samples.photos import PhotosUnavailable


def command(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    program = [sys.executable, "-m", "recognition.engine.models", *arguments]
    environment = os.environ | {"MALLVISION_MODELS": str(folder)}
    return subprocess.run(program, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def copied(models: ModelFolder, tmp_path: Path) -> ModelFolder:
    """A folder with what fp32 needs, and no word on int8."""
    folder = ModelFolder(tmp_path)
    for file in (models.detector, models.landmark_predictor, models.face_fp32):
        shutil.copy(file, tmp_path)
    return folder


def test_the_folder_is_where_the_environment_says() -> None:
    assert ModelFolder.of_environment({"MALLVISION_MODELS": "/srv/models"}).root == Path("/srv/models")
    assert ModelFolder.of_environment({"XDG_CACHE_HOME": "/caches"}).root == Path("/caches/mallvision/models")
    assert ModelFolder.of_environment({}).root == Path.home() / ".cache/mallvision/models"


def test_a_machine_with_nothing_makes_what_fp32_needs(tmp_path: Path) -> None:
    folder = ModelFolder(tmp_path / "new")
    made = command(folder.root, "--fp32-only")
    assert (made.returncode, made.stderr) == (0, "")
    assert folder.has_what_is_needed
    assert list(folder.root.glob(".*")) == []
    assert {"fast.640.fp32"} <= Fast(folder).recipes


def test_the_same_sources_give_the_same_networks(models: ModelFolder, copied: ModelFolder) -> None:
    copied.face_fp32.unlink()
    copied.detector.unlink()
    build_what_is_needed(copied)
    assert copied.face_fp32.read_bytes() == models.face_fp32.read_bytes()
    assert copied.detector.read_bytes() == models.detector.read_bytes()


def test_what_is_there_is_not_made_again(tmp_path: Path) -> None:
    file = tmp_path / "network"
    make(file, lambda: b"first")
    make(file, lambda: b"second")
    assert file.read_bytes() == b"first"


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    file = tmp_path / "network"
    writing = ExitStack()
    writing.enter_context(whole_or_not(file)).write_bytes(b"half")
    assert not file.exists()
    with pytest.raises(MemoryError), writing:
        raise MemoryError
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_said_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    monkeypatch.setenv("MALLVISION_MODELS", str(file / "models"))
    with pytest.raises(ModelsUnavailable, match="cannot be made"):
        ready_models()


def test_a_machine_that_gains_nothing_by_int8_serves_fp32(copied: ModelFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(int8, "this_machine_gains", lambda: False)
    assert "fp32" in int8.settle(copied, copied.photos)
    assert copied.int8_is_settled
    assert {recipe for recipe in Fast(copied).recipes if "int8" in recipe} == set()


def test_without_photos_the_question_stays_open(copied: ModelFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object) -> None:
        raise PhotosUnavailable("the package index does not answer")

    monkeypatch.setattr(int8, "this_machine_gains", lambda: True)
    monkeypatch.setattr(int8, "fetch_missing", unreachable)
    assert "the package index does not answer" in int8.settle(copied, copied.photos)
    assert not copied.int8_is_settled


@pytest.mark.parametrize(("median", "served"), [(0.04, True), (0.3, False)])
def test_int8_is_kept_only_if_it_passes(
    copied: ModelFolder, monkeypatch: pytest.MonkeyPatch, median: float, served: bool
) -> None:
    chip = np.zeros((1, 150, 150, 3), np.uint8)
    monkeypatch.setattr(int8, "this_machine_gains", lambda: True)
    monkeypatch.setattr(int8, "fetch_missing", lambda *_: None)
    monkeypatch.setattr(int8, "faces_on", lambda *_: chip)
    monkeypatch.setattr(int8, "quantise", lambda fp32, _, into: into.write_bytes(fp32.read_bytes()))
    monkeypatch.setattr(int8, "compare", lambda *_: Verdict(1, median, median, 0))
    said = int8.settle(copied, copied.photos)
    assert ("computes in int8" in said) is served
    assert json.loads(copied.verdict.read_text())["served"] is served
    assert ("fast.640.int8" in Fast(copied).recipes) is served
    assert list(copied.root.glob("*.trial")) == []


@pytest.mark.parametrize(
    ("content", "value"), [(b"\x01\x05", 5), (b"\x82\x00\x01", -256), (b"\x00", 0), (b"\x02\xff\xff", 65535)]
)
def test_dlibs_integers_are_read(content: bytes, value: int) -> None:
    reader = DlibReader(content)
    assert reader.integer() == value
    assert reader.position == len(content)


@pytest.mark.parametrize("content", [b"", b"\x02\x01", b"\x0f" + bytes(15)])
def test_what_is_no_integer_is_refused(content: bytes) -> None:
    with pytest.raises(BadModelFile):
        DlibReader(content).integer()


@pytest.mark.parametrize(
    "content", [b"\x01\x03" + b"\x01\x01" * 4, b"\x01\x02" + b"\x01\x7f" * 4, b"\x01\x02\x81\x01" * 2]
)
def test_what_is_no_tensor_is_refused(content: bytes) -> None:
    with pytest.raises(BadModelFile):
        DlibReader(content).tensor()


@pytest.mark.parametrize("word", ["{", "[]", "{}", '{"served": true}'])
def test_a_damaged_verdict_or_one_without_its_network_settles_nothing(copied: ModelFolder, word: str) -> None:
    copied.verdict.write_text(word)
    assert not copied.int8_is_settled


def test_a_network_that_was_deleted_meanwhile_is_made_again(
    copied: ModelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(copied.face_fp32, copied.face_int8)
    embedders = Embedders(copied.face_networks, usual="int8")
    copied.face_fp32.unlink()
    monkeypatch.setenv("MALLVISION_MODELS", str(copied.root))
    assert len(embedders.embed([np.zeros((150, 150, 3), np.uint8)], "fp32", enrol=False)) == 1
