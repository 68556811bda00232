"""All pairs of faces, and how far apart they are."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from benchmarks.accuracy.scores import Distances
from recognition.engine.answers import Embedding

# One for each photo in its order; None where no face was found.
Embeddings = Sequence[Embedding | None]


def clean_pairs(people: Sequence[str], faces: Embeddings) -> tuple[Distances, Distances]:
    """Distances of pairs of one person and of two, each pair once. Faces that were not found are left out."""
    apart, is_same = distances(faces, faces), same_person(people)
    chosen = np.triu(np.isfinite(apart), k=1)
    return apart[chosen & is_same], apart[chosen & ~is_same]


def probe_pairs(people: Sequence[str], probes: Embeddings, gallery: Embeddings) -> tuple[Distances, Distances]:
    """Each probe against every other photo in the gallery, never its own. Infinite where the probe was not found."""
    apart, is_same = distances(probes, gallery), same_person(people)
    chosen = ~np.eye(len(people), dtype=bool) & np.array([face is not None for face in gallery])
    return apart[chosen & is_same], apart[chosen & ~is_same]


def distances(ones: Embeddings, others: Embeddings) -> npt.NDArray[np.float64]:
    """Euclidean, float64 (ones, others); infinite where either was not found."""
    matrix = np.full((len(ones), len(others)), np.inf)
    for row, one in enumerate(ones):
        for column, other in enumerate(others):
            if one is not None and other is not None:
                matrix[row, column] = np.linalg.norm(one.astype(np.float64) - other)
    return matrix


def same_person(people: Sequence[str]) -> npt.NDArray[np.bool_]:
    names = np.array(people)
    same: npt.NDArray[np.bool_] = names[:, np.newaxis] == names
    return same
