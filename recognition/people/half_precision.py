"""Large galleries in half precision: half the bytes to read for each face, which is all that limits the search."""

from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recognition.people.embeddings import EMBEDDING_LENGTH, Float32

ROUNDING = 2.0**-11  # of a number in half precision, relative
SUMMING = 1e-5  # what adding 128 squares in single precision may lose besides


class HalfIndex:
    """Every template in half precision, none left out. Never changes, so threads may share it."""

    def __init__(self, matrix: Float32) -> None:
        faiss: Any = import_module("faiss")  # only where there is a gallery that large: it takes 30 MB and 0.1 s
        faiss.omp_set_num_threads(1)  # as for numpy in `embeddings`
        self._index = faiss.IndexScalarQuantizer(EMBEDDING_LENGTH, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_L2)
        self._index.train(matrix)
        self._index.add(matrix)
        largest = float(np.sqrt(np.einsum("ij,ij->i", matrix, matrix).max(initial=0)))
        self.error = largest * ROUNDING + SUMMING
        """By how much a distance it tells may be wrong."""

    def nearest(self, embeddings: Float32, count: int) -> tuple[Float32, NDArray[np.int64]]:
        """Distances and rows of the `count` nearest, both (n, count), nearest first. There must be as many rows."""
        squared, rows = self._index.search(np.ascontiguousarray(embeddings), count)
        return np.sqrt(np.maximum(squared, 0)), rows
