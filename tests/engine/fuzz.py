"""Damaged photos, and a process of its own that the engine looks at them in.

    python -m tests.engine.fuzz 100000

looks at that many new ones; those of the suite are always the same. It prints what went wrong, and the smallest photo
that hypothesis found to do so.
"""

import multiprocessing
import struct
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path

import cv2
import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from recognition.engine import Recognizer, Request, load_recognizer

PROCESSOR_LIMIT_S = 2.0
PEAK_LIMIT_MB = 500
STUCK_S = 60.0  # by the clock on the wall, which on a busy machine says little about the engine

RECIPE = "fast.320.fp32"
PNG_START = 8

Edit = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Looked:
    """What it took to look at one photo. peak_mb: the most that the process held meanwhile."""

    processor_s: float
    peak_mb: float
    complaint: str


class Died(Exception):
    """The process ended or stood still while it looked at a photo."""


@contextmanager
def looking() -> Iterator[Callable[[bytes], Looked]]:
    """A process with the engine. One that dies takes no test with it."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_look_on, args=(theirs,), daemon=True)
    process.start()
    theirs.close()

    def look(photo: bytes) -> Looked:
        try:
            ours.send_bytes(photo)
            if not ours.poll(STUCK_S):
                raise Died(f"still looking after {STUCK_S:.0f} s")
            looked: Looked = ours.recv()
        except (EOFError, OSError) as ended:
            process.join(STUCK_S)
            raise Died(f"exit code {process.exitcode}") from ended
        return looked

    try:
        yield look
    finally:
        process.kill()
        process.join()
        ours.close()


def _look_on(parent: Connection) -> None:
    recognizer = load_recognizer("fast")
    parent_lives = True
    while parent_lives:
        try:
            photo = parent.recv_bytes()
        except EOFError:
            parent_lives = False
        else:
            Path("/proc/self/clear_refs").write_text("5")  # the peak is from here on
            started = time.process_time()
            complaint = _complaint(recognizer, photo)
            parent.send(Looked(time.process_time() - started, _peak_mb(), complaint))


def _complaint(recognizer: Recognizer, photo: bytes) -> str:
    try:
        # With a scene to compare, a JPEG is decoded the short way first; none is of 0 bytes, so then the whole way.
        recognizer.recognise([Request(photo, RECIPE, scene=b"")])
    except Exception as error:  # noqa: BLE001 (whatever it is, it is what this looks for)
        return f"{type(error).__name__}: {error}"
    return ""


def _peak_mb() -> float:
    """Of this process alone: getrusage would count the one that started it, too."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def _written(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def whole_photos() -> dict[str, bytes]:
    """Small photos of every kind that is read, all of the astronaut's face."""
    portrait = Image.open(str(files("skimage").joinpath("data", "astronaut.png")))
    portrait.load()
    face = Image.fromarray(np.asarray(portrait.convert("RGB").crop((120, 20, 320, 220)).resize((88, 88))))
    deep = np.asarray(face).astype(np.uint16) * 257
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    faint = face.convert("RGBA")
    faint.putalpha(90)
    return {
        "jpeg": _written(face, "JPEG", quality=80),
        "jpeg, 4:4:4, restarts": _written(face, "JPEG", subsampling=0, restart_marker_rows=1),
        "jpeg, progressive": _written(face, "JPEG", progressive=True),
        "jpeg, turned": _written(face, "JPEG", exif=exif),
        "jpeg, cmyk": _written(face.convert("CMYK"), "JPEG", quality=60),
        "jpeg, grey": _written(face.convert("L"), "JPEG"),
        "png": _written(face.resize((40, 40)), "PNG", exif=exif),
        "png, colour profile": _written(face.resize((40, 40)), "PNG", icc_profile=portrait.info["icc_profile"]),
        "png, moving": _written(face.resize((40, 40)), "PNG", save_all=True, append_images=[faint.resize((40, 40))]),
        "png, 16 bit": cv2.imencode(".png", deep[::2, ::2])[1].tobytes(),
        "png, 16 bit grey": cv2.imencode(".png", deep[::2, ::2, 0])[1].tobytes(),
        "png, palette": _written(face.convert("P"), "PNG", transparency=bytes(range(256))),
        "png, alpha": _written(faint.resize((40, 40)), "PNG"),
        "webp": _written(face, "WEBP", exif=exif),
        "webp, lossless": _written(face.resize((40, 40)), "WEBP", lossless=True),
        "webp, alpha": _written(faint, "WEBP", quality=60),
        "webp, moving": _written(face, "WEBP", save_all=True, append_images=[faint], duration=40),
    }


WHOLE = whole_photos()
# Headers hold what does most harm, but a file whose first bytes are gone is not looked at any further.
_PLACES = st.one_of(st.integers(12, 300), st.integers(12, 6000))


def _put(photo: bytes, at: int, patch: bytes, over: int) -> bytes:
    at %= len(photo) + 1
    return photo[:at] + patch + photo[at + over :]


def _flipped(photo: bytes, at: int, bit: int) -> bytes:
    at %= max(len(photo), 1)
    return _put(photo, at, bytes(byte ^ 1 << bit for byte in photo[at : at + 1]), 1)


def _doubled(photo: bytes, at: int, length: int, to: int) -> bytes:
    """Also what makes a segment appear twice."""
    return _put(photo, to, photo[at : at + length], 0)


def _resized(photo: bytes, width_px: int, height_px: int) -> bytes:
    """The header claims another size; a PNG's checksum is put right."""
    for marker in (b"\xff\xc0", b"\xff\xc2"):
        at = photo.find(marker)
        if photo[:2] == b"\xff\xd8" and at > 0:
            return _put(photo, at + 5, struct.pack(">HH", height_px, width_px), 4)
    if photo[:4] == b"\x89PNG":
        return _with_right_checksums(_put(photo, 16, struct.pack(">II", width_px, height_px), 8))
    match photo[12:16]:
        case b"VP8X":
            size = width_px.to_bytes(3, "little") + height_px.to_bytes(3, "little")
            return _put(photo, 24, size, 6)
        case b"VP8L":
            bits = (width_px & 0x3FFF) | (height_px & 0x3FFF) << 14
            return _put(photo, 21, struct.pack("<I", bits), 4)
    return _put(photo, 26, struct.pack("<HH", width_px & 0x3FFF, height_px & 0x3FFF), 4)


def _with_right_checksums(photo: bytes) -> bytes:
    """A PNG is refused at its first wrong checksum, so that no damage would get any further."""
    if photo[:4] != b"\x89PNG":
        return photo
    parts = [photo[:PNG_START]]
    at = PNG_START
    while at + 12 <= len(photo):
        (length,) = struct.unpack_from(">I", photo, at)
        body = photo[at + 4 : at + 8 + length]
        parts.append(photo[at : at + 4] + body + struct.pack(">I", zlib.crc32(body)))
        at += 12 + length
    return b"".join(parts)


_EDITS: st.SearchStrategy[Edit] = st.one_of(
    st.builds(lambda at, bit: lambda photo: _flipped(photo, at, bit), _PLACES, st.integers(0, 7)),
    st.builds(lambda at, patch: lambda photo: _put(photo, at, patch, len(patch)), _PLACES, st.binary(max_size=8)),
    st.builds(lambda at, patch: lambda photo: _put(photo, at, patch, 0), _PLACES, st.binary(max_size=8)),
    st.builds(lambda at, over: lambda photo: _put(photo, at, b"", over), _PLACES, st.integers(1, 400)),
    st.builds(lambda kept: lambda photo: photo[: -(-kept * len(photo) // 100)], st.integers(0, 99)),
    st.builds(
        lambda at, length, to: lambda photo: _doubled(photo, at, length, to), _PLACES, st.integers(1, 900), _PLACES
    ),
    st.builds(
        lambda name, at, length, to: lambda photo: _put(photo, to, WHOLE[name][at : at + length], length),
        st.sampled_from(sorted(WHOLE)),
        _PLACES,
        st.integers(1, 900),
        _PLACES,
    ),
    st.builds(
        lambda width, height: lambda photo: _resized(photo, width, height),
        st.integers(0, 0xFFFF),
        st.integers(0, 0xFFFF) | st.integers(0, 800),
    ),
)


@st.composite
def damaged_photos(draw: st.DrawFn) -> bytes:
    photo = WHOLE[draw(st.sampled_from(sorted(WHOLE)))]
    for edit in draw(st.lists(_EDITS, min_size=1, max_size=3)):
        photo = edit(photo)
    return _with_right_checksums(photo) if draw(st.booleans()) else photo


def check(look: Callable[[bytes], Looked], photo: bytes) -> Looked:
    """Raises AssertionError, or Died, after which `look` is of no more use."""
    looked = look(photo)
    assert not looked.complaint, looked.complaint
    assert looked.processor_s < PROCESSOR_LIMIT_S, f"it took {looked.processor_s:.1f} s"
    assert looked.peak_mb < PEAK_LIMIT_MB, f"it took {looked.peak_mb:.0f} MB"
    return looked


def main(cases: int) -> None:
    peak_mb = 0.0
    with looking() as look:

        @settings(max_examples=cases, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(damaged_photos())
        def look_at_all(photo: bytes) -> None:
            nonlocal peak_mb
            peak_mb = max(peak_mb, check(look, photo).peak_mb)

        look_at_all()
    sys.stdout.write(f"{cases} photos, none of which did any harm; {peak_mb:.0f} MB at most\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
