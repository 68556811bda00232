"""How far a face is fit to be told from others: 0 is useless, 1 is as good as it gets.

Source of the measures and their cuts: the project's own trial on 2,090 probes in 20 conditions (small, noisy,
compressed, motion-blurred). Sharpness removed most of the faces that were later taken for someone else: below .162 a
face was marked as poor together with other signals, .206 alone lost 5 % of the good ones. The detector's score tells
best how far an embedding will lie from the same face's clear one; .82 alone lost 5 % of the good ones.
"""

from math import hypot

import cv2
import numpy as np
import numpy.typing as npt

from recognition.engine.answers import Box

SIDE_RAMP_PX = (20.0, 80.0)
SHARPNESS_RAMP = (0.081, 0.287)  # 0.5 lies at .184, in the middle of the two cuts
SCORE_RAMP = (0.70, 0.94)  # YuNet's, from its threshold; 0.5 lies at .82

FLAT_VARIANCE = 25.0  # keeps a chip without any contrast from looking sharp by its noise


def quality_parts(box: Box, chip: npt.NDArray[np.uint8], detector_score: float | None = None) -> dict[str, float]:
    """Each part 0 to 1; the quality is the least of them.

    box: left, top, width, height in pixels of what was decoded. chip: the aligned face, grey uint8 (150, 150).
    detector_score: YuNet's, 0 to 1. None for another detector's, of which no cut is known: then there is no such part.
    """
    _, _, width, height = box
    parts = {
        "size": _ramp((width + height) / 2, SIDE_RAMP_PX),
        "sharpness": _ramp(gradient_sharpness(chip), SHARPNESS_RAMP),
    }
    return parts if detector_score is None else parts | {"score": _ramp(detector_score, SCORE_RAMP)}


def gradient_sharpness(chip: npt.NDArray[np.uint8]) -> float:
    """Smaller eigenvalue of the covariance of the chip's 3x3 Sobel gradients, over its variance + 25.

    The smaller one is the gradient in the direction that has least of it, so motion blur lowers it as much as
    defocus does. About 0.4 to 3 for clear faces, 0.2 when blurred by motion over a fifth of the face.

    chip: grey uint8 (height, width).
    """
    across = _centred(cv2.Sobel(chip, cv2.CV_16S, 1, 0))
    down = _centred(cv2.Sobel(chip, cv2.CV_16S, 0, 1))
    freedom = chip.size - 1
    spread_x, spread_y, shared = (float(product) / freedom for product in (across @ across, down @ down, across @ down))
    # Of a symmetric 2 x 2 matrix the eigenvalues are half its trace, plus or minus the length of the rest.
    least = (spread_x + spread_y) / 2 - hypot((spread_x - spread_y) / 2, shared)
    return max(least, 0.0) / (float(cv2.meanStdDev(chip)[1][0, 0]) ** 2 + FLAT_VARIANCE)


def _centred(gradients: cv2.typing.MatLike) -> npt.NDArray[np.float32]:
    values: npt.NDArray[np.float32] = gradients.ravel().astype(np.float32)
    values -= values.mean()
    return values


def _ramp(value: float, ramp: tuple[float, float]) -> float:
    low, high = ramp
    return min(max((value - low) / (high - low), 0.0), 1.0)
