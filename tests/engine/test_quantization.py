import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import numpy_helper
from PIL import Image

from recognition.engine.calibration import calibration_chips, trial_chips
from recognition.engine.embedding import Embedder
from recognition.engine.fitness import Embed, Verdict, compare
from recognition.engine.models import ModelFolder
from recognition.engine.quantization import Chips, quantise, rounded_weights, settled

QUANTISE_ELSEWHERE = """
import sys
from pathlib import Path
import numpy as np
from recognition.engine.quantization import quantise
fp32, chips, into = map(Path, sys.argv[1:])
quantise(fp32, np.load(chips), into)
"""


@pytest.fixture(scope="session")
def faces(portrait: Image.Image) -> Chips:
    """One face, not aligned but cut out."""
    rgb = np.asarray(portrait.resize((150, 150)))
    return np.ascontiguousarray(rgb[np.newaxis, :, :, ::-1])


@pytest.fixture(scope="session")
def int8(models: ModelFolder, faces: Chips, tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("int8") / "int8.onnx"
    quantise(models.face_fp32, calibration_chips(faces), into)
    return into


@pytest.fixture(scope="session")
def verdict(models: ModelFolder, int8: Path, faces: Chips) -> Verdict:
    return compare(_embed(models.face_fp32), _embed(int8), trial_chips(faces))


def test_int8_passes_its_trial_on_other_chips_than_its_own(verdict: Verdict) -> None:
    assert verdict.passed, verdict


def test_equal_chips_give_equal_bytes_in_any_process(
    models: ModelFolder, int8: Path, faces: Chips, tmp_path: Path
) -> None:
    chips, into = tmp_path / "chips.npy", tmp_path / "again.onnx"
    np.save(chips, calibration_chips(faces))
    command = [sys.executable, "-c", QUANTISE_ELSEWHERE, *map(str, (models.face_fp32, chips, into))]
    said = subprocess.run(command, env=os.environ | {"PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True)
    assert (_digest(into), said.stdout + said.stderr) == (_digest(int8), "")


def test_nothing_but_the_network_is_left(int8: Path) -> None:
    assert list(int8.parent.iterdir()) == [int8]


def test_the_network_takes_what_fp32_takes(models: ModelFolder, int8: Path) -> None:
    exact, quick = (onnx.load(file).graph for file in (models.face_fp32, int8))
    assert (list(quick.input), list(quick.output)) == (list(exact.input), list(exact.output))


def test_the_file_is_about_a_quarter(models: ModelFolder, int8: Path) -> None:
    assert int8.stat().st_size < 0.27 * models.face_fp32.stat().st_size


def test_no_weight_takes_more_than_seven_bits(int8: Path) -> None:
    constants = [numpy_helper.to_array(constant) for constant in onnx.load(int8).graph.initializer]
    weights = [values for values in constants if values.dtype == np.int8 and values.ndim == 4]
    assert (len(weights), max(np.abs(values.astype(int)).max() for values in weights)) == (29, 64)


def test_the_first_layer_sees_the_chips_bytes_as_they_are(int8: Path) -> None:
    graph = onnx.load(int8).graph
    constants = {constant.name: numpy_helper.to_array(constant) for constant in graph.initializer}
    (transposed,) = (node.output[0] for node in graph.node if node.op_type == "Transpose")
    (to_bytes,) = (node for node in graph.node if node.op_type == "QuantizeLinear" and node.input[0] == transposed)
    scale, zero = (constants[name] for name in to_bytes.input[1:])
    assert (float(scale), int(zero), str(zero.dtype)) == (1.0, 0, "uint8")


def test_rounded_weights_are_whole_multiples_of_one_scale_for_each_filter() -> None:
    rounded = rounded_weights(_weights())
    steps = rounded / (np.abs(rounded).max(axis=(1, 2, 3), keepdims=True) / 64)
    assert np.abs(steps - np.round(steps)).max() < 1e-4


def test_rounded_weights_are_nearer_than_with_the_usual_scale() -> None:
    weights = _weights()
    usual = np.abs(weights).max(axis=(1, 2, 3), keepdims=True) / 64
    nearer, near = (np.square(r - weights).sum() for r in (rounded_weights(weights), np.round(weights / usual) * usual))
    assert nearer < near


def test_a_filter_without_weights_stays_so() -> None:
    assert not rounded_weights(np.zeros((2, 3, 3, 3), np.float32)).any()


def test_what_processors_disagree_on_is_settled() -> None:
    values = np.random.default_rng(0).uniform(0.1, 100, 1000)
    told_apart = settled(values) != settled(values * (1 + 3e-7))
    assert told_apart.mean() < 0.001


@pytest.mark.parametrize(("value", "near"), [(0.0, 0.0), (1.0, 1.0), (-3.01, -3.0), (1000.0, 992.0), (0.1, 0.1015625)])
def test_settled_values_have_five_bits(value: float, near: float) -> None:
    assert float(settled(value)) == near


def _embed(network: Path) -> Embed:
    return Embedder(network).embed


def _weights() -> npt.NDArray[np.float32]:
    return np.random.default_rng(0).standard_normal((4, 8, 3, 3)).astype(np.float32)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
