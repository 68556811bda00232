"""How far a face is fit to be told from others: 0 is useless, 1 is as good as it gets.

Source of the sharpness measure and its cuts: the project's own trial on 2,090 probes in 20 conditions (small,
noisy, compressed, motion-blurred), where it removed most of the faces that were later taken for someone else.
Below .162 a face was marked as poor together with other signals; .206 alone lost 5 % of the good ones.
"""

import cv2
import numpy as np
import numpy.typing as npt

from recognition.engine.answers import Box

SIDE_RAMP_PX = (20.0, 80.0)
SHARPNESS_RAMP = (0.081, 0.287)  # 0.5 lies at .184, in the middle of the two cuts

FLAT_VARIANCE = 25.0  # keeps a chip without any contrast from looking sharp by its noise


def quality_parts(box: Box, chip: npt.NDArray[np.uint8]) -> dict[str, float]:
    """Each part 0 to 1; the quality is the least of them.

    box: left, top, width, height in pixels. chip: the aligned face, grey uint8 (150, 150).
    """
    _, _, width, height = box
    return {
        "size": _ramp((width + height) / 2, SIDE_RAMP_PX),
        "sharpness": _ramp(gradient_sharpness(chip), SHARPNESS_RAMP),
    }


def gradient_sharpness(chip: npt.NDArray[np.uint8]) -> float:
    """Smaller eigenvalue of the covariance of the chip's 3x3 Sobel gradients, over its variance + 25.

    The smaller one is the gradient in the direction that has least of it, so motion blur lowers it as much as
    defocus does. About 0.4 to 3 for clear faces, 0.2 when blurred by motion over a fifth of the face.
    """
    grey = chip.astype(np.float32)
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    covariance = np.cov(across.ravel(), down.ravel())
    least = float(np.linalg.eigvalsh(covariance)[0])
    return max(least, 0.0) / (float(grey.var()) + FLAT_VARIANCE)


def _ramp(value: float, ramp: tuple[float, float]) -> float:
    low, high = ramp
    return min(max((value - low) / (high - low), 0.0), 1.0)
