"""Finding faces: YuNet in onnxruntime, its heads worked out in numpy.

Equal to OpenCV's `FaceDetectorYN` on the same picture (its formulas are those of
modules/objdetect/src/face_detect.cpp), which takes twice as long.
"""

from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from recognition.engine.answers import Pixels
from recognition.engine.resizing import fitted
from recognition.engine.runtime import open_session

MULTIPLE_PX = 32  # the network halves its picture five times
STRIDES = (8, 16, 32)
OUTPUTS = [f"heads_{stride}" for stride in STRIDES]

SCORE_THRESHOLD = 0.7  # every face of 20 px and more in the trial passed, and almost nothing else
# A score is the root of the product of two probabilities, so either is at least the threshold's square.
LEAST_LOGIT = log(SCORE_THRESHOLD**2 / (1 - SCORE_THRESHOLD**2)) - 1e-3
NMS_THRESHOLD = 0.3  # OpenCV's default
MOST_PLACES = 5000  # OpenCV's default top_k
MOST_FACES = 200  # on one photo, the likeliest: a camera's crowd has fewer, and 1,500 would keep a worker for 10 s

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """n faces, the likeliest first, in pixels of the picture that was looked at.

    boxes: float32 (n, 4), left, top, width, height. landmarks: float32 (n, 5, 2), x and y of the eye at the picture's
    left, the eye at its right, tip of the nose, left and right corner of the mouth. scores: float32 (n,), 0.7 to 1.
    """

    boxes: Float32
    landmarks: Float32
    scores: Float32

    def on_larger(self, times: int) -> "Detections":
        """The same faces on a picture with sides that many times as long."""
        if times == 1:
            return self
        return Detections(self.boxes * np.float32(times), self.landmarks * np.float32(times), self.scores)

    def __len__(self) -> int:
        return len(self.scores)


class Detector:
    """One worker's detector. Not to be used by two threads at once: it keeps its input between calls."""

    def __init__(self, network: Path) -> None:
        self._session = open_session(network)
        self._planes: dict[tuple[int, int], npt.NDArray[np.uint8]] = {}

    def detect(self, pixels: Pixels, side_px: int) -> Detections:
        """The faces on a picture of blue, green and red bytes, uint8 (height, width, 3).

        side_px: the longer side of what the network sees; smaller pictures are not enlarged. The result is in pixels
        of `pixels`.
        """
        seen = fitted(pixels, side_px)
        found = self.detect_as_is(seen)
        to_whole = np.array([pixels.shape[1] / seen.shape[1], pixels.shape[0] / seen.shape[0]], np.float32)
        return Detections(found.boxes * np.tile(to_whole, 2), found.landmarks * to_whole, found.scores)

    def detect_as_is(self, pixels: Pixels) -> Detections:
        """The faces on a picture that the network sees as large as it is, padded with black at the right and below."""
        height, width = pixels.shape[:2]
        planes = self._input(height, width)
        cv2.split(pixels, [plane[:height, :width] for plane in planes[0]])
        return decoded(self._session.run(OUTPUTS, {"picture": planes}))

    def _input(self, height: int, width: int) -> npt.NDArray[np.uint8]:
        """uint8 (1, 3, height, width), both sides rounded up; what lies outside the picture is and stays black."""
        planes = self._planes.get((height, width))
        if planes is None:
            # A camera's pictures are of one size, and a node has few cameras' sizes to look at at any one time.
            if len(self._planes) >= 8:
                self._planes.clear()
            shape = (1, 3, _rounded_up(height), _rounded_up(width))
            planes = self._planes[height, width] = np.zeros(shape, np.uint8)
        return planes


def decoded(outputs: list[Float32]) -> Detections:
    """What the three heads say: float32 (1, 16, rows, columns) each, at strides of 8, 16 and 32 pixels."""
    found = np.concatenate([_likely(heads[0], stride) for heads, stride in zip(outputs, STRIDES, strict=True)])
    if len(found):
        found = found[_without_overlaps(found)]
    return Detections(found[:, :4], found[:, 4:14].reshape(-1, 5, 2), found[:, 14])


def _likely(heads: Float32, stride: int) -> Float32:
    """float32 (n, 15): box, landmarks and score of each place where a face may be."""
    rows, columns = np.nonzero((heads[0] > LEAST_LOGIT) & (heads[1] > LEAST_LOGIT))
    values = heads[:, rows, columns].T
    scores = np.sqrt(_sigmoid(values[:, 0]) * _sigmoid(values[:, 1]))
    likely = scores >= SCORE_THRESHOLD
    values, scores = values[likely], scores[likely]
    place = np.stack([columns[likely], rows[likely]], axis=1).astype(np.float32)
    sizes = np.exp(values[:, 4:6]) * stride
    corners = (place + values[:, 2:4]) * stride - sizes / 2
    landmarks = (np.tile(place, 5) + values[:, 6:16]) * stride
    return np.concatenate([corners, sizes, landmarks, scores[:, np.newaxis]], axis=1)


def _sigmoid(logits: Float32) -> Float32:
    return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)


def _without_overlaps(found: Float32) -> npt.NDArray[np.int_]:
    """Which ones to keep, the likeliest first. On whole pixels, as OpenCV does it."""
    boxes: Any = found[:, :4].astype(np.int32)
    scores: Any = found[:, 14]
    kept = cv2.dnn.NMSBoxes(boxes, scores, SCORE_THRESHOLD, NMS_THRESHOLD, 1.0, MOST_PLACES)
    return np.asarray(kept, dtype=np.int_).ravel()[:MOST_FACES]


def _rounded_up(side_px: int) -> int:
    return -(-side_px // MULTIPLE_PX) * MULTIPLE_PX
