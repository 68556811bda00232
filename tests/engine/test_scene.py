"""What is a change and what is not. The photos are a street's and a stage's, of the samples."""

import tracemalloc
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recognition.engine import Recognition, Recognizer, Request
from recognition.engine.answers import Pixels
from recognition.engine.decoding import Decoder
from recognition.engine.scene import CHANGE_THRESHOLD, SIGNATURE_PX, is_unchanged, signature
from tests.engine.conftest import SAMPLES, as_bgr, sample

STREET = "video/arcade_walk_1080p.mp4"
STAGE = "video/short_hamilton_clip.mp4"
PEOPLE = [
    "people/biden/biden.jpg",
    "people/kit_harington/john1.jpeg",
    "people/lin-manuel_miranda/lin-manuel-miranda.png",
    "people/obama/obama-720p.jpg",
    "people/rose_leslie/img1.jpg",
]

CELLS = SIGNATURE_PX[0] * SIGNATURE_PX[1]
CELL_PX = (20, 20)  # of a 720p photo

pictures = arrays(np.uint8, SIGNATURE_PX[::-1], elements=st.integers(30, 220))
Frame = npt.NDArray[np.uint8]
Signed = Callable[[Frame], bytes]


@pytest.fixture(scope="module")
def signed() -> Signed:
    """A camera's frame as it comes: a JPEG of quality 85, looked at the quick way."""
    decoder = Decoder()

    def sign(frame: Frame) -> bytes:
        jpeg = cv2.imencode(".jpg", frame, (cv2.IMWRITE_JPEG_QUALITY, 85))[1].tobytes()
        grey = decoder.grey_small(jpeg)
        assert grey is not None
        return signature(grey)

    return sign


def frames(name: str, per_second: float = 25.0) -> Iterator[Frame]:
    sample(name)  # skips the test where there is none
    video = cv2.VideoCapture(str(SAMPLES / name))
    step = max(round(video.get(cv2.CAP_PROP_FPS) / per_second), 1)
    number = 0
    while video.grab():
        if number % step == 0:
            yield np.asarray(video.retrieve()[1], dtype=np.uint8)
        number += 1
    video.release()


@pytest.fixture(scope="module")
def empty_street() -> Frame:
    """What is behind the people who walk past: of every pixel what it is most of the time."""
    stack = np.stack([cv2.resize(frame, (1280, 720)) for frame in frames(STREET, 2)])
    return np.ascontiguousarray(np.median(stack, axis=0).astype(np.uint8))


@pytest.fixture(scope="module")
def heads(fast: Recognizer) -> list[Pixels]:
    """Square crops of faces."""
    return [crop for name in PEOPLE for crop in heads_on(fast, sample(name))]


def heads_on(fast: Recognizer, photo: bytes) -> Iterator[Pixels]:
    (answer,) = fast.recognise([Request(photo, "fast.640.fp32")])
    assert isinstance(answer, Recognition)
    pixels = as_bgr(photo)
    for face in answer.faces:
        left, top, width, height = face.box
        yield np.ascontiguousarray(pixels[top : top + height, left : left + width])


def with_head(background: Frame, head: Pixels, rng: np.random.Generator) -> Frame:
    """Nothing but a head appears: no body, its edge soft, its light half that of what is behind it."""
    side = int(rng.integers(45, 121))
    height, width = background.shape[:2]
    top, left = int(rng.integers(0, height - side)), int(rng.integers(0, width - side))
    behind = background[top : top + side, left : left + side].astype(np.float32)
    shown = cv2.resize(head, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    shown = shown + (behind.mean(axis=(0, 1)) - shown.mean(axis=(0, 1))) / 2
    oval = np.zeros((side, side), np.float32)
    cv2.ellipse(oval, (side // 2, side // 2), (round(side * 0.36), round(side * 0.46)), 0, 0, 360, 1.0, -1)
    mask = np.asarray(cv2.GaussianBlur(oval, (0, 0), side / 20))[:, :, np.newaxis]
    changed = background.copy()
    changed[top : top + side, left : left + side] = np.clip(behind + (shown - behind) * mask, 0, 255).astype(np.uint8)
    return changed


def noisy(frame: Frame, rng: np.random.Generator, light: float = 1.0) -> Frame:
    return np.clip(frame * light + rng.normal(0, 2, frame.shape), 0, 255).astype(np.uint8)


def test_a_signature_is_2304_bytes() -> None:
    assert len(signature(np.zeros((480, 854, 3), np.uint8))) == CELLS == 2304


@given(pictures)
def test_a_picture_of_the_signatures_size_is_its_own_signature(picture: Frame) -> None:
    assert signature(picture) == picture.tobytes()


@given(pictures, st.integers(-30, 30))
def test_light_that_changes_everywhere_alike_is_no_change(picture: Frame, brighter: int) -> None:
    lit = (picture.astype(int) + brighter).astype(np.uint8)
    assert is_unchanged(signature(lit), signature(picture))


@given(pictures, st.integers(0, CELLS - 1), st.integers(-25, 25))
def test_one_cell_changes_the_scene_from_the_threshold_on(picture: Frame, cell: int, brighter: int) -> None:
    other = picture.astype(int)
    other.flat[cell] += brighter
    unchanged = is_unchanged(signature(other.astype(np.uint8)), signature(picture))
    assert unchanged == (abs(brighter) <= CHANGE_THRESHOLD)


@given(pictures, pictures, st.integers(0, 12))
def test_what_is_unchanged_is_so_both_ways(one: Frame, other: Frame, weight: int) -> None:
    near = (one + (other.astype(int) - one) * weight // 100).astype(np.uint8)
    assert is_unchanged(signature(one), signature(near)) == is_unchanged(signature(near), signature(one))


@pytest.mark.parametrize("reference", [b"", b"\0", bytes(CELLS - 1), bytes(CELLS + 1)])
def test_a_reference_that_is_no_signature_shows_no_scene(reference: bytes) -> None:
    assert not is_unchanged(bytes(CELLS), reference)
    assert not is_unchanged(reference, reference)


@pytest.mark.parametrize("row", [0, 17, 35])
@pytest.mark.parametrize("column", [0, 40, 63])
def test_a_bright_patch_of_a_cells_size_is_a_change_wherever_it_is(signed: Signed, row: int, column: int) -> None:
    wall = np.full((720, 1280, 3), 90, np.uint8)
    lit = wall.copy()
    top, left = row * CELL_PX[1], column * CELL_PX[0]
    lit[top : top + CELL_PX[1], left : left + CELL_PX[0]] += 12
    assert not is_unchanged(signed(lit), signed(wall))


@pytest.mark.parametrize("name", [STREET, STAGE])
@pytest.mark.parametrize("per_second", [1, 2, 5])
def test_where_people_move_every_frame_is_a_change(signed: Signed, name: str, per_second: int) -> None:
    signatures = [signed(frame) for frame in frames(name, per_second)]
    unchanged = [is_unchanged(*pair) for pair in zip(signatures[1:], signatures, strict=False)]
    assert not any(unchanged)


@pytest.mark.parametrize("name", [STREET, STAGE])
def test_a_camera_that_sees_the_same_again_sees_no_change(signed: Signed, name: str) -> None:
    rng = np.random.default_rng(11)
    frame = next(frames(name))
    reference = signed(noisy(frame, rng))
    assert all(is_unchanged(signed(noisy(frame, rng)), reference) for _ in range(8))


@pytest.mark.parametrize("light", [0.97, 1.03])
def test_drifting_light_is_no_change(signed: Signed, empty_street: Frame, light: float) -> None:
    rng = np.random.default_rng(12)
    assert is_unchanged(signed(noisy(empty_street, rng, light)), signed(noisy(empty_street, rng)))


def test_a_face_that_appears_is_a_change(signed: Signed, empty_street: Frame, heads: list[Pixels]) -> None:
    rng = np.random.default_rng(13)
    reference = signed(noisy(empty_street, rng))
    appeared = (with_head(empty_street, head, rng) for head in heads * 8)
    assert not any(is_unchanged(signed(noisy(frame, rng)), reference) for frame in appeared)


def test_nothing_is_kept_of_a_long_thin_picture() -> None:
    signature(np.zeros((3, 100), np.uint8))
    tracemalloc.start()
    try:
        for width in range(200_000, 200_100, 10):
            assert len(signature(np.zeros((3, width), np.uint8))) == 2304
        kept_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept_bytes < 1_000_000
