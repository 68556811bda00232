"""What a photo's bytes say of it before any pixel is decoded: its kind, its size, which way up it is.

Every engine asks here first, so that they refuse the same photos and nothing is decoded that would take too long or
too much memory. Sources: ITU-T T.81 annex B (JPEG), W3C PNG 5 and 11, RFC 9649 (WebP), CIPA DC-008 4.6 (EXIF).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from recognition.engine.answers import Unreadable

LIMIT_PIXELS: Final = 50_000_000
LIMIT_DECODING_BYTES: Final = 300_000_000
LIMIT_SCANNED_PIXELS: Final = 600_000_000  # 12 scans of the largest photo, and few encoders write more; about a second
LIMIT_BLOCKS: Final = 1000  # a file has some ten before its pixels; millions of empty ones would take seconds
LIMIT_CHUNKS: Final = 100_000  # of a PNG, whose pixels come in pieces of some 8 kB

NO_PICTURE: Final = "This is not a JPEG, PNG or WebP picture."
TOO_LARGE: Final = "The picture has more than 50 megapixels."
TOO_MUCH_WORK: Final = "The picture is stored in a way that takes too long to read."
DAMAGED: Final = "The picture is damaged or cut short."

Kind = Literal["JPEG", "PNG", "WEBP"]

# By colour type: how many numbers a pixel has, and how many bits each of them may have.
_PNG_COLOURS: Final = {
    0: (1, (1, 2, 4, 8, 16)),
    2: (3, (8, 16)),
    3: (1, (1, 2, 4, 8)),
    4: (2, (8, 16)),
    6: (4, (8, 16)),
}


@dataclass(frozen=True, slots=True)
class Header:
    """width_px and height_px: as stored, before it is turned. orientation: EXIF's, 1 to 8; 1 is upright.

    decoding_bytes: the memory that OpenCV and libjpeg were measured to need for each pixel while they decode; 0 for
    next to none. kept_scans: 0, or of a JPEG that is decoded only after all its scans were read, how many those may
    be. deep_grey: 16-bit grey.
    """

    kind: Kind
    width_px: int
    height_px: int
    orientation: int = 1
    decoding_bytes: int = 0
    kept_scans: int = 0
    deep_grey: bool = False


def read_header(photo: bytes) -> Header | Unreadable:
    """Never raises. A file whose header is sound may still be damaged further on."""
    try:
        header = _header(photo)
    except (struct.error, IndexError):  # it ends within its header
        return Unreadable(NO_PICTURE)
    if isinstance(header, Unreadable):
        return header
    if header is None or not header.width_px or not header.height_px:
        return Unreadable(NO_PICTURE)
    pixels = header.width_px * header.height_px
    if pixels > LIMIT_PIXELS:
        return Unreadable(TOO_LARGE)
    if pixels * header.decoding_bytes > LIMIT_DECODING_BYTES or pixels * header.kept_scans > LIMIT_SCANNED_PIXELS:
        return Unreadable(TOO_MUCH_WORK)
    return header


def _header(photo: bytes) -> Header | Unreadable | None:
    if photo[:3] == b"\xff\xd8\xff":
        return _jpeg(photo)
    if photo[:8] == b"\x89PNG\r\n\x1a\n":
        return _png(photo)
    if photo[:4] == b"RIFF" and photo[8:12] == b"WEBP":
        return _webp(photo)
    return None


def _jpeg(photo: bytes) -> Header | None:
    frame: tuple[int, int, int] | None = None
    progressive = False
    orientation = 0
    for marker, at, end in _segments(photo):
        if marker == 0xE1 and not orientation and photo[at : at + 6] == b"Exif\0\0":
            orientation = exif_orientation(photo[at + 6 : end])
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            frame = struct.unpack_from(">HHB", photo, at + 1)
            progressive = marker in (0xC2, 0xCA)
        elif marker == 0xDA and frame:
            height, width, channels = frame
            if not progressive and photo[at] == channels:
                return Header("JPEG", width, height, orientation or 1)
            # Inside the pixels' code a byte 0xff is followed by 0, so that this counts no scan too few.
            scans = photo.count(b"\xff\xda", at) + 1
            return Header("JPEG", width, height, orientation or 1, 2 * channels, scans)
    return None


def _segments(photo: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of the body of each segment up to the first scan's own."""
    at = 2
    for _ in range(LIMIT_BLOCKS):
        if photo[at] != 0xFF:
            return
        while photo[at] == 0xFF:  # any number of them may stand before a marker
            at += 1
        marker = photo[at]
        if marker < 0xC0 or 0xD0 <= marker <= 0xD9:
            return
        (length,) = struct.unpack_from(">H", photo, at + 1)
        if length < 2 or at + 1 + length > len(photo):
            return
        yield marker, at + 3, at + 1 + length
        at += 1 + length


def _png(photo: bytes) -> Header | Unreadable | None:
    length, name, width, height, bits, colour = struct.unpack_from(">I4sIIBB", photo, 8)
    numbers, depths = _PNG_COLOURS.get(colour, (0, ()))
    if length != 13 or name != b"IHDR" or bits not in depths:
        return None
    orientation = 1
    try:
        for name, start, end in png_chunks(photo):
            if name == b"eXIf":
                orientation = exif_orientation(photo[start + 8 : end - 4])
    except struct.error:
        return Unreadable(DAMAGED)
    decoding_bytes = max(6, numbers * bits // 8)
    return Header("PNG", width, height, orientation, decoding_bytes, deep_grey=(bits, colour) == (16, 0))


def png_chunks(photo: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of each, up to the one that ends a PNG. Raises struct.error if it is cut short before."""
    at = 8
    for _ in range(LIMIT_CHUNKS):
        length, name = struct.unpack_from(">I4s", photo, at)
        end = at + 12 + length
        struct.unpack_from(">I", photo, end - 4)
        yield name, at, end
        if name == b"IEND":
            return
        at = end
    raise struct.error(f"more than {LIMIT_CHUNKS} chunks")


def _webp(photo: bytes) -> Header | None:
    match photo[12:16]:
        case b"VP8 " if photo[23:26] == b"\x9d\x01\x2a":
            width, height = struct.unpack_from("<HH", photo, 26)
            return Header("WEBP", width & 0x3FFF, height & 0x3FFF, decoding_bytes=7)
        case b"VP8L" if photo[20] == 0x2F:
            (bits,) = struct.unpack_from("<I", photo, 21)
            return Header("WEBP", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, decoding_bytes=7)
        case b"VP8X":
            width, height = (int.from_bytes(photo[at : at + 3], "little") + 1 for at in (24, 27))
            orientation = _webp_orientation(photo) if photo[20] & 0x08 else 1
            return Header("WEBP", width, height, orientation, decoding_bytes=11)
    return None


def _webp_orientation(photo: bytes) -> int:
    at = 12
    for _ in range(LIMIT_BLOCKS):
        if at + 8 > len(photo):
            break
        name, length = struct.unpack_from("<4sI", photo, at)
        if name == b"EXIF":
            return exif_orientation(photo[at + 8 : at + 8 + length])
        at += 8 + length + length % 2
    return 1


def exif_orientation(exif: bytes) -> int:
    """1 to 8; 1 also where the block says nothing readable, since a photo is not worse for a broken note beside it."""
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return 1
    try:
        (at,) = struct.unpack_from(f"{order}I", tiff, 4)
        (entries,) = struct.unpack_from(f"{order}H", tiff, at)
        for entry in range(min(entries, LIMIT_BLOCKS)):
            tag, kind, count, value = struct.unpack_from(f"{order}HHIH", tiff, at + 2 + 12 * entry)
            if tag == 0x0112:
                return value if (kind, count) == (3, 1) and 1 <= value <= 8 else 1
    except struct.error:  # it points beyond its end
        return 1
    return 1
