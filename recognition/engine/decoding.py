"""From a photo's bytes to pixels, as quickly as a processor can.

There is no pool of buffers: with the malloc thresholds that a worker sets, a fresh array costs what a kept one does.
OpenCV reads PNG and WebP: what it gives is what Pillow's `convert("RGB")` gives, in half the memory.
"""

from dataclasses import dataclass
from typing import Final, cast

import cv2
import numpy as np
import numpy.typing as npt
import simplejpeg

from recognition.engine.answers import Pixels, Unreadable
from recognition.engine.headers import DAMAGED, Header, png_chunks, read_header
from recognition.engine.scene import SIGNATURE_PX, block_side_px, cells

LONG_SIDE_PX: Final = 1600  # a larger photo is decoded at 1/2, 1/4 or 1/8 while its longer side stays at least this
SCALES: Final = (8, 4, 2)  # those that a JPEG can be decoded at for less than the full price

PIXEL_CHUNKS: Final = (b"IHDR", b"PLTE", b"IDAT", b"IEND")  # transparency is not looked at

# The one thing that a decoder may complain of when it has decoded every pixel: many cameras pad a photo's end.
PADDED_END: Final = "extraneous bytes before marker 0xd9"


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """pixels: uint8 (height, width, 3), BGR, contiguous, the way up that EXIF says.

    scale: how many of the photo's pixels, each way, one of `pixels` stands for: 1, 2, 4 or 8. width_px, height_px: of
    the photo as a browser shows it. `pixels` has that size divided by the scale and rounded up.
    """

    pixels: Pixels
    scale: int
    width_px: int
    height_px: int


class Decoder:
    def __init__(self) -> None:
        # A damaged photo is answered, and not worth a line of OpenCV's on the worker's standard error.
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

    def decode(self, photo: bytes) -> Picture | Unreadable:
        """Never raises for what the bytes hold."""
        header = read_header(photo)
        if isinstance(header, Unreadable):
            return header
        scale = _scale(max(header.width_px, header.height_px))
        pixels = _jpeg(photo, header, scale) if header.kind == "JPEG" else _other(photo, header, scale)
        if pixels is None:
            return Unreadable(DAMAGED)
        width_px, height_px = header.width_px, header.height_px
        if header.orientation >= 5:
            width_px, height_px = height_px, width_px
        return Picture(_turned(pixels, header.orientation), scale, width_px, height_px)

    def grey_small(self, photo: bytes) -> npt.NDArray[np.uint8] | None:
        """The whole photo in grey, uint8 (36, 64): what `scene.signature` needs, for half the price of all pixels.

        None where the kind of photo has no such short way, and where it cannot be read.
        """
        header = read_header(photo)
        if isinstance(header, Unreadable) or header.kind != "JPEG":
            return None
        block_px = block_side_px(header.width_px, header.height_px)
        blocks = _jpeg(photo, header, block_px, "GRAY")
        if blocks is None:
            return None
        whole = blocks[: header.height_px // block_px, : header.width_px // block_px, 0]
        count = SIGNATURE_PX if header.orientation < 5 else SIGNATURE_PX[::-1]
        return _turned(cells(whole, count), header.orientation)


def _scale(side_px: int) -> int:
    return next((scale for scale in SCALES if side_px >= scale * LONG_SIDE_PX), 1)


def _shape(header: Header, scale: int) -> tuple[int, int]:
    return -(-header.height_px // scale), -(-header.width_px // scale)


def _jpeg(photo: bytes, header: Header, scale: int, colours: str = "BGR") -> npt.NDArray[np.uint8] | None:
    """uint8 (height, width, channels), None if the photo is damaged."""
    try:
        return _decoded(photo, colours, _shape(header, scale), strict=True)
    except ValueError as complaint:
        if PADDED_END not in str(complaint):
            return None
    try:
        return _decoded(photo, colours, _shape(header, scale), strict=False)
    except ValueError:
        return None


def _decoded(photo: bytes, colours: str, shape: tuple[int, int], *, strict: bool) -> npt.NDArray[np.uint8] | None:
    # It takes the smallest scale that reaches both: exactly the one that was meant.
    decoded = simplejpeg.decode_jpeg(photo, colours, min_height=shape[0], min_width=shape[1], strict=strict)
    return cast("npt.NDArray[np.uint8]", decoded) if decoded.shape[:2] == shape else None


def _other(photo: bytes, header: Header, scale: int) -> Pixels | None:
    plain = _plain_png(photo) if header.kind == "PNG" else photo
    try:
        pixels = cv2.imdecode(np.frombuffer(plain, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        return None
    if pixels is None or pixels.shape != (header.height_px, header.width_px, 3):
        return None
    if scale > 1:
        height, width = _shape(header, scale)
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return cast(Pixels, pixels)


def _plain_png(photo: bytes) -> bytes:
    """Only what pixels are made of: no notes, no further pictures, nothing else that might be read wrongly."""
    wanted = (photo[start:end] for name, start, end in png_chunks(photo) if name in PIXEL_CHUNKS)
    return photo[:8] + b"".join(wanted)


def _turned(pixels: npt.NDArray[np.uint8], orientation: int) -> npt.NDArray[np.uint8]:
    """EXIF's orientation undone (CIPA DC-008, tag 0x0112); contiguous."""
    turned: cv2.typing.MatLike = pixels
    if orientation >= 5:
        turned = cv2.transpose(turned)
    match orientation:
        case 2 | 6:
            turned = cv2.flip(turned, 1)
        case 3 | 7:
            turned = cv2.flip(turned, -1)
        case 4 | 8:
            turned = cv2.flip(turned, 0)
    return cast("npt.NDArray[np.uint8]", turned)
