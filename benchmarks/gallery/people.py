"""Made-up people as far apart as real ones are: own faces .33 from each other, other people's .87 (dlib's network)."""

from dataclasses import dataclass
from math import hypot

import numpy as np
from numpy.typing import NDArray

from recognition.node.messages import Face
from recognition.people.embeddings import EMBEDDING_LENGTH, Float32

TEMPLATES_EACH = 4
OWN_APART, OTHERS_APART = 0.33, 0.87
_OWN = OWN_APART / (2 * EMBEDDING_LENGTH) ** 0.5
_OTHERS = ((OTHERS_APART**2 - OWN_APART**2) / (2 * EMBEDDING_LENGTH)) ** 0.5


@dataclass(frozen=True, slots=True)
class People:
    """embeddings: float32 (templates, 128). person_ids: int64 (templates,)."""

    embeddings: Float32
    person_ids: NDArray[np.int64]


def people(templates: int, random: np.random.Generator) -> People:
    count = templates // TEMPLATES_EACH
    centres = _OTHERS * random.standard_normal((count, EMBEDDING_LENGTH), dtype=np.float32)
    embeddings = np.repeat(centres, TEMPLATES_EACH, axis=0)
    embeddings += _OWN * random.standard_normal(embeddings.shape, dtype=np.float32)
    return People(embeddings, np.repeat(np.arange(1, count + 1), TEMPLATES_EACH))


def probes(enrolled: People, count: int, random: np.random.Generator) -> Float32:
    """Faces to identify, in turn an enrolled person's and a stranger's."""
    whose = random.integers(0, len(enrolled.embeddings), count)
    known: Float32 = enrolled.embeddings[whose]
    known += _OWN * random.standard_normal(known.shape, dtype=np.float32)
    strangers = hypot(_OTHERS, _OWN) * random.standard_normal(known.shape, dtype=np.float32)
    known[1::2] = strangers[1::2]
    return known


def face(embedding: Float32) -> Face:
    return Face((0, 0, 100, 100), (0.0,) * 10, 1.0, 1.0, {}, embedding.astype("<f4").tobytes(), b"")
