"""Embeddings as arrays, and how far they lie apart."""

import os
from collections.abc import Sequence
from typing import TypeAlias

# Before numpy is imported: its library would start a thread for each core, and where other processes are busy they
# wait for each other (measured on two cores: 8 ms for a product of 0.06 ms).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

EMBEDDING_LENGTH = 128
SPACE = "dlib-resnet-v1"

Float32: TypeAlias = NDArray[np.float32]


class OtherSpace(ValueError):
    """Embeddings of two spaces say nothing about each other."""

    def __init__(self, asked: str, held: str) -> None:
        super().__init__(f"embeddings of the space {asked!r} cannot be compared with those of {held!r}")


def as_vector(stored: bytes) -> Float32:
    """An embedding's 512 bytes as float32 (128,). Another length raises ValueError."""
    return np.frombuffer(stored, dtype="<f4").reshape(EMBEDDING_LENGTH)


def as_matrix(stored: Sequence[bytes]) -> Float32:
    """Many embeddings as float32 (n, 128). Another length raises ValueError."""
    return np.frombuffer(b"".join(stored), dtype="<f4").reshape(len(stored), EMBEDDING_LENGTH)


def row_squares(matrix: Float32) -> Float32:
    """|x|² of each row x, float32 (n,)."""
    squares: Float32 = np.einsum("ij,ij->i", matrix, matrix)
    return squares


def distances(embeddings: Float32, matrix: Float32, matrix_squares: Float32) -> Float32:
    """Euclidean, float32 (embeddings, rows of matrix): |x|² - 2 x·q + |q|², which one matrix product gives for all.

    Near zero the subtraction leaves an error of about 1e-3, far below any distance that decides.
    """
    squared = matrix_squares[None, :] - 2 * (embeddings @ matrix.T) + row_squares(embeddings)[:, None]
    away: Float32 = np.sqrt(np.maximum(squared, 0, out=squared), out=squared)
    return away
