"""Reading dlib's own file format (dlib/serialize.h), as far as the two model files need it.

An integer is a control byte (its low four bits say how many bytes follow, its highest bit that the number is
negative) and then the bytes, least significant first. A float is two integers, mantissa and binary exponent. A
tensor is the integer 2, four integers for its dimensions, and its float32 values, little-endian.
"""

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

TENSOR_VERSION = 2


class BadModelFile(ValueError):
    """The file is not the model that it should be."""


class DlibReader:
    """Reads on from `position`. Every method raises BadModelFile where the file holds something else."""

    def __init__(self, content: bytes, position: int = 0) -> None:
        self.content = content
        self.position = position

    def integer(self) -> int:
        try:
            control = self.content[self.position]
        except IndexError:
            raise BadModelFile("the file ends too early") from None
        count = control & 0x0F
        first = self.position + 1
        self.position = first + count
        if count > 8 or self.position > len(self.content):
            raise BadModelFile(f"no integer at byte {first - 1}")
        value = int.from_bytes(self.content[first : self.position], "little")
        return -value if control & 0x80 else value

    def integers(self, count: int) -> list[int]:
        return [self.integer() for _ in range(count)]

    def skip_integers(self, count: int) -> None:
        """Passes over them without looking: a predictor has three million."""
        content, position = self.content, self.position
        try:
            for _ in range(count):
                position += 1 + (content[position] & 0x0F)
        except IndexError:
            raise BadModelFile("the file ends too early") from None
        self.position = position

    def skip_floats(self, count: int) -> None:
        self.skip_integers(2 * count)

    def tensor(self) -> npt.NDArray[np.float32]:
        """The values of a tensor, float32 (n,)."""
        version, *dimensions = self.integers(5)
        if version != TENSOR_VERSION:
            raise BadModelFile(f"a tensor of version {version}: expected {TENSOR_VERSION}")
        count = int(np.prod(dimensions))
        last = self.position + 4 * count
        if not 0 < count <= len(self.content) or last > len(self.content):
            raise BadModelFile(f"a tensor of {count} values at byte {self.position}")
        values = np.frombuffer(self.content, "<f4", count, self.position)
        self.position = last
        return values.astype(np.float32)


def layers(content: bytes, *names: bytes) -> Iterator[tuple[bytes, DlibReader]]:
    """The layers of a network that are called so, in the file's order, each with a reader behind its name."""
    for found in re.finditer(b"|".join(b"\x01" + bytes([len(name)]) + re.escape(name) for name in names), content):
        yield found.group()[2:], DlibReader(content, found.end())
