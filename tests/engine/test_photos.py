"""Every kind of file that may be sent, and every way in which one may be broken."""

import struct
import zlib
from io import BytesIO

import face_recognition  # noqa: F401 (switches Pillow's loading of truncated photos on, which the engine must undo)
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from recognition.engine import Recognition, Recognizer, Unreadable
from recognition.engine.headers import DAMAGED, NO_PICTURE, TOO_LARGE
from recognition.engine.photos import read_photo
from tests.engine.conftest import written
from tests.recognizers import asked

pytestmark = pytest.mark.usefixtures("recognizer")


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, pixels: bytes = b"", bits: int = 8, colour: int = 2) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def zero_high_jpeg() -> bytes:
    jpeg = bytearray(written(Image.new("RGB", (16, 16)), "JPEG"))
    height = jpeg.index(b"\xff\xc0") + 5
    jpeg[height : height + 2] = b"\0\0"
    return bytes(jpeg)


def noise(side: int = 64) -> Image.Image:
    return Image.fromarray(np.random.default_rng(7).integers(0, 256, (side, side, 3), dtype=np.uint8))


BAD = {
    "nothing": (b"", NO_PICTURE),
    "text": (b"this is no photo " * 40, NO_PICTURE),
    "a GIF": (written(Image.new("RGB", (8, 8)), "GIF"), NO_PICTURE),
    "a TIFF": (written(Image.new("RGB", (8, 8)), "TIFF"), NO_PICTURE),
    "a JPEG's first bytes": (b"\xff\xd8\xff\xe0", NO_PICTURE),
    "a PNG's first bytes": (b"\x89PNG\r\n\x1a\n", NO_PICTURE),
    "half a JPEG": (written(noise(), "JPEG")[:2000], DAMAGED),
    "half a PNG": (written(noise())[:2000], DAMAGED),
    "half a WebP": (written(noise(), "WEBP")[:-200], DAMAGED),
    "a PNG without pixels": (png(10, 10), DAMAGED),
    "a PNG of no width": (png(0, 10), NO_PICTURE),
    "a JPEG of no height": (zero_high_jpeg(), NO_PICTURE),
    "a PNG that claims 60000 x 60000": (png(60_000, 60_000), TOO_LARGE),
    "a PNG that claims 10000 x 10000": (png(10_000, 10_000), TOO_LARGE),
    "a PNG just over the limit": (png(50_000_001, 1), TOO_LARGE),
    "a PNG with a wrong checksum": (png(2, 2, bytes(14))[:-20] + bytes(20), DAMAGED),
    "a PNG of 3 bits": (png(2, 2, bytes(14), bits=3), NO_PICTURE),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_photo_is_unreadable_with_its_reason(recognizer: Recognizer, name: str) -> None:
    photo, reason = BAD[name]
    assert asked(recognizer, photo) == [Unreadable(reason)]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_a_png_of_any_mode_is_read_as_rgb(mode: str) -> None:
    pixels = read_photo(written(noise().convert(mode)))
    assert isinstance(pixels, np.ndarray)
    assert pixels.shape == (64, 64, 3)
    assert pixels.dtype == np.uint8


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "CMYK"), ("JPEG", "L"), ("WEBP", "RGBA")])
def test_other_kinds_are_read_as_rgb(kind: str, mode: str) -> None:
    pixels = read_photo(written(noise().convert(mode), kind))
    assert isinstance(pixels, np.ndarray)
    assert pixels.shape == (64, 64, 3)
    assert pixels.dtype == np.uint8


def test_a_palette_with_transparency_is_read_without_a_warning() -> None:
    assert isinstance(read_photo(written(Image.new("P", (8, 8)), transparency=b"\x00\x80")), np.ndarray)


def test_a_photo_with_broken_exif_is_read_as_it_lies() -> None:
    photo = written(noise().crop((0, 0, 64, 40)), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f")
    pixels = read_photo(photo)
    assert isinstance(pixels, np.ndarray)
    assert pixels.shape == (40, 64, 3)


def test_sixteen_bit_grey_is_scaled_and_not_clipped() -> None:
    levels = np.array([[0, 40_000], [20_000, 65_535]], dtype=np.uint16)
    pixels = read_photo(written(Image.fromarray(levels)))
    assert isinstance(pixels, np.ndarray)
    np.testing.assert_array_equal(pixels[:, :, 0], [[0, 156], [78, 255]])


def test_a_face_in_sixteen_bit_grey_is_found(recognizer: Recognizer, portrait: Image.Image) -> None:
    levels = np.asarray(portrait.convert("L")).astype(np.uint16) * 257
    (answer,) = asked(recognizer, written(Image.fromarray(levels)))
    assert isinstance(answer, Recognition)
    assert len(answer.faces) == 1


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_turned_as_its_exif_says(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    photo = written(noise().crop((0, 0, 64, 40)), kind, exif=exif)
    stored = Image.open(BytesIO(photo))
    upright = stored if orientation == 1 else stored.transpose(PILLOWS_TURNS[orientation])
    np.testing.assert_array_equal(read_photo(photo), np.asarray(upright.convert("RGB")))


PILLOWS_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

WHOLE = {kind: written(noise(32), kind) for kind in ("JPEG", "PNG", "WEBP")}


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(sorted(WHOLE)),
    patches=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), max_size=6),
    kept=st.floats(0.05, 1),
)
def test_no_damage_gets_an_exception_out(kind: str, patches: list[tuple[float, bytes]], kept: float) -> None:
    photo = bytearray(WHOLE[kind])
    for place, patch in patches:
        at = int(place * (len(photo) - len(patch)))
        photo[at : at + len(patch)] = patch
    answer = read_photo(bytes(photo[: int(kept * len(photo))]))
    assert isinstance(answer, (np.ndarray, Unreadable))
