"""Whether a camera still shows what it showed: a photo's signature, and how two of them are compared.

Source of the test and its threshold: the project's own trials. In the cell that changes most, noise and compression
differ by 2 to 3 grey levels, and by 5 where the light drifts by 3 % as well. Heads of 45 to 120 pixels that appeared
without a body in an empty street, half in its light, differed by 8 and more where the detector found them (667).
"""

from typing import Final, cast

import cv2
import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Grey = npt.NDArray[np.uint8]  # (height, width)

SIGNATURE_PX: Final = (64, 36)  # width, height; 2304 bytes
CHANGE_THRESHOLD: Final = 6.0  # grey levels

_BYTES: Final = SIGNATURE_PX[0] * SIGNATURE_PX[1]


def signature(picture: npt.NDArray[np.uint8], scale: int = 1) -> bytes:
    """64 x 36 grey levels, row by row, each the mean of its part of the picture.

    picture: uint8 (height, width) grey, or (height, width, 3) BGR. scale: how many of the photo's pixels, each way,
    one of the picture's stands for.
    """
    grey = _u8(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)) if picture.ndim == 3 else picture
    if grey.shape == SIGNATURE_PX[::-1]:
        return grey.tobytes()
    height, width = grey.shape
    block = max(block_side_px(width * scale, height * scale) // scale, 1)
    return cells(_blocks(grey, block), SIGNATURE_PX).tobytes()


def is_unchanged(signature: bytes, reference: bytes) -> bool:
    """Whether no cell differs by more than the threshold once the whole picture's change of light is taken off.

    A reference that is no signature shows no scene, so everything has changed.
    """
    if len(reference) != _BYTES or len(signature) != _BYTES:
        return False
    difference = np.frombuffer(signature, np.uint8).astype(np.float32) - np.frombuffer(reference, np.uint8)
    return float(np.abs(difference - np.median(difference)).max()) <= CHANGE_THRESHOLD


def block_side_px(width_px: int, height_px: int) -> int:
    """8, or 1 for a photo too small for that: the side of the blocks whose means the cells are made of.

    A JPEG's blocks of 8 x 8 pixels carry their means, which are read without computing pixels. A signature made of
    pixels goes through the same blocks: where a block lies in two cells, its share in each would otherwise not be the
    same, and an edge in it would pass for a change of up to 50 grey levels. What is left over at the right and at the
    bottom, 7 pixels at most, is not looked at: a JPEG's mean is there one of pixels that do not exist, too.
    """
    enough = max(width_px, height_px) >= 8 * SIGNATURE_PX[0] and min(width_px, height_px) >= 8 * SIGNATURE_PX[1]
    return 8 if enough else 1


def cells(blocks: Grey, count: tuple[int, int]) -> Grey:
    """uint8 (rows, columns): the mean of each cell of what the blocks show. count: columns and rows."""
    columns, rows = count
    across = _means(blocks.T.astype(np.float64), columns)
    return np.rint(_means(across.T, rows)).astype(np.uint8)


def _blocks(grey: Grey, side: int) -> Grey:
    """The mean of each whole block, by halves: OpenCV is quickest at those, and rounding adds half a level at most."""
    height, width = (length // side * side for length in grey.shape)
    blocks = grey[:height, :width]
    while side > 1:
        width, height, side = width // 2, height // 2, side // 2
        blocks = _u8(cv2.resize(blocks, (width, height), interpolation=cv2.INTER_AREA))
    return blocks


def _means(blocks: Float64, count: int) -> Float64:
    """float64 (count, others): the mean of each cell along the first axis, a block counting by its share in the cell.

    By sums from the start to each border, so that a long thin picture costs no more than its pixels; and not by a
    matrix product, for which numpy's library would start threads.
    """
    length = len(blocks)
    sums = np.zeros((length + 1, blocks.shape[1]))
    np.cumsum(blocks, axis=0, out=sums[1:])
    borders = np.linspace(0, length, count + 1)
    within = np.minimum(borders, length - 1).astype(np.intp)
    to_borders = sums[within] + blocks[within] * (borders - within)[:, np.newaxis]
    return np.asarray(np.diff(to_borders, axis=0) * (count / length))


def _u8(picture: cv2.typing.MatLike) -> npt.NDArray[np.uint8]:
    return cast("npt.NDArray[np.uint8]", picture)
