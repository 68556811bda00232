"""What kind of picture some bytes are and how large, read from their header alone: nothing is decoded.

JPEG: ITU-T T.81, annex B. PNG: W3C "PNG Specification (Third Edition)", section 11.2.1. WebP: RFC 9649, section 2.
"""

from dataclasses import dataclass

from recognition.intake.problems import Problem
from recognition.people.private_media import PhotoKind, photo_kind

_JPEG_SIZE_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF0 to SOF15, without DHT, JPG and DAC
_JPEG_BARE_MARKERS = frozenset((0x01, *range(0xD0, 0xD9)))  # TEM, RST0 to RST7, SOI: no length follows
_JPEG_SCAN_OR_END = frozenset((0xD9, 0xDA))


@dataclass(frozen=True, slots=True)
class PhotoHeader:
    kind: PhotoKind
    width_px: int
    height_px: int


def read_photo_header(photo: bytes) -> PhotoHeader:
    """Raises Problem 415 for what is no JPEG, PNG or WebP, 422 for one whose header makes no sense."""
    kind = photo_kind(photo)
    if kind is None:
        raise Problem(415, "The body is not a JPEG, PNG or WebP picture.")
    size = _SIZES[kind](photo)
    if size is None:
        raise Problem(422, f"The picture cannot be read: its {kind.upper()} header is damaged or cut off.")
    return PhotoHeader(kind, *size)


def check_photo(photo: bytes, limit_px: int) -> PhotoHeader:
    """The header of a photo that is worth recognising; Problem 415 or 422 otherwise."""
    header = read_photo_header(photo)
    if not header.width_px or not header.height_px:
        raise Problem(422, f"The picture has no size: {header.width_px} x {header.height_px} pixels.")
    if header.width_px * header.height_px > limit_px:
        raise Problem(
            422,
            f"The picture is too large: {header.width_px} x {header.height_px} pixels, "
            f"at most {limit_px // 1_000_000} megapixels are taken.",
        )
    return header


def _jpeg_size(photo: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 4 <= len(photo):
        if photo[at] != 0xFF:
            return None
        marker = photo[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
        elif marker in _JPEG_BARE_MARKERS:
            at += 2
        elif marker in _JPEG_SCAN_OR_END:
            return None
        elif marker in _JPEG_SIZE_MARKERS:
            if at + 9 > len(photo):
                return None
            return int.from_bytes(photo[at + 7 : at + 9]), int.from_bytes(photo[at + 5 : at + 7])
        else:
            at += 2 + max(2, int.from_bytes(photo[at + 2 : at + 4]))
    return None


def _png_size(photo: bytes) -> tuple[int, int] | None:
    if len(photo) < 24 or photo[12:16] != b"IHDR":
        return None
    return int.from_bytes(photo[16:20]), int.from_bytes(photo[20:24])


def _webp_size(photo: bytes) -> tuple[int, int] | None:
    if len(photo) < 30:
        return None
    chunk = photo[12:16]
    if chunk == b"VP8X":
        return int.from_bytes(photo[24:27], "little") + 1, int.from_bytes(photo[27:30], "little") + 1
    if chunk == b"VP8L" and photo[20] == 0x2F:
        bits = int.from_bytes(photo[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 " and photo[23:26] == b"\x9d\x01\x2a":
        return int.from_bytes(photo[26:28], "little") & 0x3FFF, int.from_bytes(photo[28:30], "little") & 0x3FFF
    return None


_SIZES = {"jpeg": _jpeg_size, "png": _png_size, "webp": _webp_size}
