"""Photos made for tests: real pictures, but nobody is on them."""

import itertools
from io import BytesIO

from PIL import Image

_shades = itertools.count()


def photo(kind: str = "JPEG", width_px: int = 64, height_px: int = 48) -> bytes:
    """A small picture that no test has used before."""
    number = next(_shades)
    buffer = BytesIO()
    colour = (number % 256, number // 256 % 256, 128)
    picture = Image.new("RGB", (width_px, height_px), (20, 40, 60))
    picture.paste(colour, (0, 0, width_px // 2, height_px // 2))
    # A lossy format may round the shade away; a comment stays.
    picture.save(buffer, kind, **({"comment": str(number).encode()} if kind == "JPEG" else {"lossless": True}))
    return buffer.getvalue()


def png_claiming(width_px: int, height_px: int) -> bytes:
    """The start of a PNG whose header claims this size."""
    size = width_px.to_bytes(4) + height_px.to_bytes(4)
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + size + b"\x08\x02\x00\x00\x00" + bytes(40)
