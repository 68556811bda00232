"""Real JPEGs of about 60 kB, as many distinct ones as are wanted, without drawing each."""

from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from itertools import count

import numpy as np
from PIL import Image

SIZE_BYTES = 60_000
WIDTH_PX, HEIGHT_PX = 640, 480
_NUMBER_BYTES = 16
_START = b"\xff\xd8"
# A comment segment (ITU-T T.81, B.2.4.5) holds the number that makes a photo distinct.
_COMMENT = b"\xff\xfe" + (2 + _NUMBER_BYTES).to_bytes(2)


@lru_cache(maxsize=1)
def plain_photo() -> bytes:
    """A smooth scene with just so much noise that it comes near SIZE_BYTES."""
    random = np.random.default_rng(1)
    ramp = np.linspace(0, 255, WIDTH_PX, dtype=np.float32)[None, :, None]
    noise = random.normal(size=(HEIGHT_PX, WIDTH_PX, 3)).astype(np.float32)
    low, high = 0.0, 80.0
    for _ in range(12):
        sigma = (low + high) / 2
        photo = _jpeg(np.clip(ramp + noise * sigma, 0, 255).astype(np.uint8))
        low, high = (sigma, high) if len(photo) < SIZE_BYTES else (low, sigma)
    return photo


def distinct_photos() -> Iterator[bytes]:
    """Never the same photo twice within a process."""
    for number in _numbers:
        yield numbered(plain_photo(), number)


def numbered(photo: bytes, number: int) -> bytes:
    """The same picture as another file: `number` stands in a comment of the JPEG `photo`."""
    return b"%b%b%016d%b" % (_START, _COMMENT, number, photo[len(_START) :])


_numbers = count()


def _jpeg(pixels: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> bytes:
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=85)
    return file.getvalue()
