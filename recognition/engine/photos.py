"""Reading a photo's bytes with face_recognition's own loader, and saying in plain words why it cannot be read."""

import warnings
from io import BytesIO

import face_recognition
import numpy as np
from PIL import ExifTags, Image

from recognition.engine.answers import Pixels, Unreadable

LIMIT_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "WEBP")

NO_PICTURE = "This is not a JPEG, PNG or WebP picture."
TOO_LARGE = "The picture has more than 50 megapixels."
DAMAGED = "The picture is damaged or cut short."

# EXIF orientation -> quarter turns to the left, then whether to mirror left and right.
_TURNS = {2: (0, True), 3: (2, False), 4: (2, True), 5: (3, True), 6: (3, False), 7: (1, True), 8: (1, False)}


def read_photo(photo: bytes) -> Pixels | Unreadable:
    """The photo's pixels, turned as its EXIF orientation says; never raises."""
    with warnings.catch_warnings():
        # Pillow warns of large, oddly tagged and partly transparent pictures; the answer says all there is to say.
        warnings.simplefilter("ignore")
        try:
            with Image.open(BytesIO(photo), formats=FORMATS) as header:
                if header.width * header.height > LIMIT_PIXELS:
                    return Unreadable(TOO_LARGE)
                mode = header.mode
                orientation = _orientation(header)
        except Image.DecompressionBombError:
            return Unreadable(TOO_LARGE)
        except Exception:  # noqa: BLE001 (Pillow's parsers raise whatever damaged bytes lead them to)
            return Unreadable(NO_PICTURE)
        try:
            pixels = _deep_grey(photo) if mode.startswith("I") else face_recognition.load_image_file(BytesIO(photo))
        except Exception:  # noqa: BLE001 (as above)
            return Unreadable(DAMAGED)
    return _turned(pixels, orientation)


def _orientation(header: Image.Image) -> object:
    """What the EXIF block says, 1 if it says nothing readable. `getexif` would decode a PNG's pixels for it."""
    exif = Image.Exif()
    try:
        exif.load(header.info.get("exif", b""))
        return exif.get(ExifTags.Base.Orientation, 1)
    except Exception:  # noqa: BLE001 (as above; a photo is not worse for a broken note beside it)
        return 1


def _deep_grey(photo: bytes) -> Pixels:
    """16-bit grey: Pillow's conversion to RGB would clip it to white instead of scaling it."""
    levels = face_recognition.load_image_file(BytesIO(photo), mode=None)
    grey = (levels.astype(np.uint32) >> 8).astype(np.uint8)
    return np.repeat(grey[:, :, np.newaxis], 3, axis=2)


def _turned(pixels: Pixels, orientation: object) -> Pixels:
    if not isinstance(orientation, int) or orientation not in _TURNS:
        return pixels
    quarters, mirrored = _TURNS[orientation]
    turned = np.rot90(pixels, quarters)
    return np.ascontiguousarray(turned[:, ::-1] if mirrored else turned)
