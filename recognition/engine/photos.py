"""Reading a photo's bytes with face_recognition's own loader, turned the way up that a browser shows it."""

import warnings
from io import BytesIO

import face_recognition
import numpy as np

from recognition.engine.answers import Pixels, Unreadable
from recognition.engine.headers import DAMAGED, read_header

# EXIF orientation -> quarter turns to the left, then whether to mirror left and right.
_TURNS = {2: (0, True), 3: (2, False), 4: (2, True), 5: (3, True), 6: (3, False), 7: (1, True), 8: (1, False)}


def read_photo(photo: bytes) -> Pixels | Unreadable:
    """The photo's pixels, turned as its EXIF orientation says; never raises."""
    header = read_header(photo)
    if isinstance(header, Unreadable):
        return header
    with warnings.catch_warnings():
        # Pillow warns of large, oddly tagged and partly transparent pictures; the answer says all there is to say.
        warnings.simplefilter("ignore")
        try:
            pixels = _deep_grey(photo) if header.deep_grey else face_recognition.load_image_file(BytesIO(photo))
        except Exception:  # noqa: BLE001 (Pillow's parsers raise whatever damaged bytes lead them to)
            return Unreadable(DAMAGED)
    return _turned(pixels, header.orientation)


def _deep_grey(photo: bytes) -> Pixels:
    """16-bit grey: Pillow's conversion to RGB would clip it to white instead of scaling it."""
    levels = face_recognition.load_image_file(BytesIO(photo), mode=None)
    grey = (levels.astype(np.uint32) >> 8).astype(np.uint8)
    return np.repeat(grey[:, :, np.newaxis], 3, axis=2)


def _turned(pixels: Pixels, orientation: int) -> Pixels:
    if orientation == 1:
        return pixels
    quarters, mirrored = _TURNS[orientation]
    turned = np.rot90(pixels, quarters)
    return np.ascontiguousarray(turned[:, ::-1] if mirrored else turned)
