"""What is decoded is what Pillow decodes, only sooner; what is damaged is refused."""

import struct
import zlib
from io import BytesIO

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image

from recognition.engine.answers import Pixels, Unreadable
from recognition.engine.decoding import Decoder, Picture
from recognition.engine.headers import DAMAGED, NO_PICTURE, TOO_LARGE, TOO_MUCH_WORK, exif_orientation, read_header
from recognition.engine.scene import signature
from tests.engine.conftest import SAMPLES, sample, written
from tests.engine.test_photos import BAD, chunk, noise, png

PHOTOS = sorted(str(path.relative_to(SAMPLES)) for path in SAMPLES.glob("[pcb]*/**/*.*g"))


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    return Decoder()


def bgr(photo: bytes) -> Pixels:
    """As face_recognition loads it, without its EXIF orientation."""
    return np.asarray(Image.open(BytesIO(photo)).convert("RGB"))[:, :, ::-1]


def decoded(decoder: Decoder, photo: bytes) -> Picture:
    picture = decoder.decode(photo)
    assert isinstance(picture, Picture)
    assert picture.pixels.flags.c_contiguous
    assert picture.pixels.dtype == np.uint8
    return picture


def turned(picture: Image.Image, orientation: int, kind: str = "JPEG") -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return written(picture, kind, exif=exif)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}, {"restart_marker_rows": 1}])
def test_a_jpeg_is_decoded_as_pillow_does(decoder: Decoder, portrait: Image.Image, options: dict[str, object]) -> None:
    photo = written(portrait, "JPEG", **options)
    np.testing.assert_array_equal(decoded(decoder, photo).pixels, bgr(photo))


def test_a_grey_jpeg_is_decoded_as_pillow_does(decoder: Decoder, portrait: Image.Image) -> None:
    photo = written(portrait.convert("L"), "JPEG")
    np.testing.assert_array_equal(decoded(decoder, photo).pixels, bgr(photo))


def test_a_cmyk_jpeg_looks_as_with_pillow(decoder: Decoder, portrait: Image.Image) -> None:
    photo = written(portrait.convert("CMYK"), "JPEG")
    np.testing.assert_allclose(decoded(decoder, photo).pixels.astype(int), bgr(photo), atol=2)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_a_png_of_any_mode_is_decoded_as_pillow_does(decoder: Decoder, portrait: Image.Image, mode: str) -> None:
    picture = portrait.convert(mode)
    if mode.endswith("A"):
        picture.putalpha(90)
    photo = written(picture)
    np.testing.assert_array_equal(decoded(decoder, photo).pixels, bgr(photo))


def test_a_palette_with_transparency_is_decoded_without_it(decoder: Decoder, portrait: Image.Image) -> None:
    palette = portrait.convert("P")
    np.testing.assert_array_equal(
        decoded(decoder, written(palette, transparency=bytes(256))).pixels, bgr(written(palette))
    )


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sixteen_bits_are_scaled_to_eight(decoder: Decoder, channels: int) -> None:
    levels = np.random.default_rng(5).integers(0, 65_536, (20, 30, channels), dtype=np.uint16)
    photo = cv2.imencode(".png", levels)[1].tobytes()
    expected = np.broadcast_to((levels >> 8).astype(np.uint8)[:, :, :3], (20, 30, 3))
    np.testing.assert_array_equal(decoded(decoder, photo).pixels, expected)


def test_an_interlaced_png_is_decoded(decoder: Decoder) -> None:
    rows = [zlib.compress(bytes([0, 200, 100, 50]))]  # a single pixel is all in the first of seven passes
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 1)
    photo = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows[0]) + chunk(b"IEND", b"")
    assert decoded(decoder, photo).pixels.tolist() == [[[50, 100, 200]]]


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("lossless", [False, True])
def test_a_webp_is_decoded_as_pillow_does(
    decoder: Decoder, portrait: Image.Image, mode: str, *, lossless: bool
) -> None:
    picture = portrait.convert(mode)
    if mode == "RGBA":
        picture.putalpha(90)
    photo = written(picture, "WEBP", lossless=lossless, exact=True)
    np.testing.assert_array_equal(decoded(decoder, photo).pixels, bgr(photo))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_moving_pictures_the_first_is_decoded(decoder: Decoder, portrait: Image.Image, kind: str) -> None:
    photo = written(portrait, kind, save_all=True, append_images=[Image.new("RGB", portrait.size)], lossless=True)
    np.testing.assert_array_equal(decoded(decoder, photo).pixels, np.asarray(portrait)[:, :, ::-1])


@pytest.mark.parametrize("name", PHOTOS)
def test_the_samples_are_decoded_as_pillow_does(decoder: Decoder, name: str) -> None:
    photo = sample(name)
    np.testing.assert_array_equal(decoded(decoder, photo).pixels, bgr(photo))


@pytest.mark.parametrize("name", PHOTOS)
def test_the_samples_orientation_is_what_pillow_reads(name: str) -> None:
    photo = sample(name)
    header = read_header(photo)
    assert not isinstance(header, Unreadable)
    assert header.orientation == Image.open(BytesIO(photo)).getexif().get(ExifTags.Base.Orientation, 1)


TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_turned_as_its_exif_says(decoder: Decoder, kind: str, orientation: int) -> None:
    photo = turned(noise().crop((0, 0, 64, 40)), orientation, kind)
    stored = Image.open(BytesIO(photo)).convert("RGB")
    upright = stored if orientation == 1 else stored.transpose(TURNS[orientation])
    picture = decoded(decoder, photo)
    np.testing.assert_array_equal(picture.pixels, np.asarray(upright)[:, :, ::-1])
    assert (picture.width_px, picture.height_px) == upright.size


@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda rest: b"MM\0*\0\0\0\x08\0\x01\x01\x12" + rest))
def test_any_exif_block_says_one_of_eight(block: bytes) -> None:
    assert 1 <= exif_orientation(block) <= 8


@pytest.mark.parametrize(
    ("size", "scale", "shape"),
    [
        ((3199, 20), 1, (20, 3199)),
        ((3200, 21), 2, (11, 1600)),
        ((33, 6399), 2, (3200, 17)),
        ((6401, 9), 4, (3, 1601)),
        ((12_800, 9), 8, (2, 1600)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_very_large_photo_is_decoded_smaller(
    decoder: Decoder, kind: str, size: tuple[int, int], scale: int, shape: tuple[int, int]
) -> None:
    picture = decoded(decoder, written(Image.new("RGB", size, (200, 100, 50)), kind))
    assert (picture.width_px, picture.height_px) == size
    assert (picture.scale, picture.pixels.shape) == (scale, (*shape, 3))
    np.testing.assert_allclose(picture.pixels[0, 0], [50, 100, 200], atol=4)


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_bad_photo_is_unreadable_with_its_reason(decoder: Decoder, name: str) -> None:
    photo, reason = BAD[name]
    assert decoder.decode(photo) == Unreadable(reason)


@pytest.mark.parametrize("kind", ["BMP", "GIF", "TIFF", "ICO", "AVIF"])
def test_another_kind_of_picture_is_none(decoder: Decoder, kind: str) -> None:
    assert decoder.decode(written(Image.new("RGB", (32, 32)), kind)) == Unreadable(NO_PICTURE)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("kept", [0.99, 0.7, 0.4])
def test_a_photo_that_is_cut_short_is_damaged(decoder: Decoder, portrait: Image.Image, kind: str, kept: float) -> None:
    photo = written(portrait, kind)
    assert decoder.decode(photo[: int(len(photo) * kept)]) == Unreadable(DAMAGED)


def test_a_progressive_jpeg_that_is_cut_short_is_damaged(decoder: Decoder, portrait: Image.Image) -> None:
    photo = written(portrait, "JPEG", progressive=True)
    assert decoder.decode(photo[:-200]) == Unreadable(DAMAGED)


def test_bytes_before_a_jpegs_end_do_no_harm(decoder: Decoder, portrait: Image.Image) -> None:
    photo = written(portrait, "JPEG")
    padded = photo[:-2] + b"\x01\x02\x03\x04" + photo[-2:] + b"and after it"
    np.testing.assert_array_equal(decoded(decoder, padded).pixels, bgr(photo))


def test_bytes_lost_within_a_jpeg_damage_it(decoder: Decoder, portrait: Image.Image) -> None:
    photo = written(portrait, "JPEG", restart_marker_rows=1)
    assert decoder.decode(photo[: len(photo) // 2] + photo[len(photo) // 2 + 300 :]) == Unreadable(DAMAGED)


def test_a_png_with_a_chunk_that_claims_a_gigabyte_is_damaged_at_once(decoder: Decoder) -> None:
    # OpenCV itself would take the gigabyte before it looks whether there are so many bytes.
    whole = png(2, 2, bytes(14))
    claim = struct.pack(">I", 1 << 30) + b"tEXt" + bytes(100)
    assert decoder.decode(whole[:33] + claim + whole[33:]) == Unreadable(DAMAGED)


def test_a_note_in_a_png_that_is_damaged_does_no_harm(decoder: Decoder) -> None:
    whole = png(2, 2, bytes(14))
    note = chunk(b"iCCP", b"damaged")[:-4] + bytes(4)
    assert decoded(decoder, whole[:33] + note + whole[33:]).pixels.shape == (2, 2, 3)


def test_more_than_50_megapixels_are_too_large_in_any_kind(decoder: Decoder) -> None:
    for kind in ("JPEG", "WEBP"):
        photo = bytearray(written(Image.new("RGB", (16, 16)), kind))
        if kind == "JPEG":
            at = photo.index(b"\xff\xc0") + 5
            photo[at : at + 4] = struct.pack(">HH", 7072, 7072)
        else:
            photo[26:30] = struct.pack("<HH", 16_383, 3_053)
        assert decoder.decode(bytes(photo)) == Unreadable(TOO_LARGE)


def test_a_jpeg_of_endless_scans_is_too_much_work(decoder: Decoder) -> None:
    photo = bytearray(written(Image.new("RGB", (16, 16)), "JPEG", progressive=True))
    at = photo.index(b"\xff\xc2") + 5
    photo[at : at + 4] = struct.pack(">HH", 5000, 5000)
    scan = photo[photo.index(b"\xff\xda") : -2]
    assert decoder.decode(bytes(photo[:-2]) + bytes(scan) * 20 + b"\xff\xd9") == Unreadable(TOO_MUCH_WORK)


def test_what_would_take_too_much_memory_is_too_much_work(decoder: Decoder) -> None:
    assert decoder.decode(png(7000, 7000, b"", bits=16, colour=6)) == Unreadable(TOO_MUCH_WORK)


@pytest.mark.parametrize("size", [(1920, 1080), (854, 480), (641, 361), (320, 240), (240, 180), (480, 854)])
@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_the_small_grey_picture_is_the_signature_of_the_whole_one(
    decoder: Decoder, portrait: Image.Image, size: tuple[int, int], orientation: int
) -> None:
    if orientation > 1:  # blocks begin at another corner, so that they are the same only where nothing is left over
        size = (size[0] // 8 * 8, size[1] // 8 * 8)
    photo = turned(portrait.resize(size), orientation)
    grey = decoder.grey_small(photo)
    assert grey is not None
    assert grey.shape == (36, 64)
    whole = np.frombuffer(signature(decoded(decoder, photo).pixels), np.uint8)
    np.testing.assert_allclose(grey.ravel().astype(int), whole, atol=2)


@pytest.mark.parametrize("name", [name for name in PHOTOS if not name.endswith("png")])
def test_the_samples_signatures_are_those_of_their_small_grey_pictures(decoder: Decoder, name: str) -> None:
    grey = decoder.grey_small(sample(name))
    assert grey is not None
    whole = np.frombuffer(signature(decoded(decoder, sample(name)).pixels), np.uint8)
    np.testing.assert_allclose(grey.ravel().astype(int), whole, atol=2)


def test_the_signature_of_a_photo_decoded_smaller_is_that_of_its_grey_picture(
    decoder: Decoder, portrait: Image.Image
) -> None:
    photo = written(portrait.resize((3840, 2160)), "JPEG")
    picture = decoded(decoder, photo)
    grey = decoder.grey_small(photo)
    assert grey is not None
    whole = np.frombuffer(signature(picture.pixels, picture.scale), np.uint8)
    np.testing.assert_allclose(grey.ravel().astype(int), whole, atol=2)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_kinds_have_no_quick_grey_picture(decoder: Decoder, portrait: Image.Image, kind: str) -> None:
    assert decoder.grey_small(written(portrait, kind)) is None


def test_a_damaged_jpeg_has_no_grey_picture(decoder: Decoder, portrait: Image.Image) -> None:
    assert decoder.grey_small(written(portrait, "JPEG")[:-100]) is None


def test_opencv_says_nothing_of_a_png_that_is_cut_short(
    decoder: Decoder, portrait: Image.Image, capfd: pytest.CaptureFixture[str]
) -> None:
    decoder.decode(written(portrait)[:-100])
    assert capfd.readouterr().err == ""
