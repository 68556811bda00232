"""From chips to embeddings: face_recognition's own network in onnxruntime."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recognition.engine.answers import Embedding
from recognition.engine.models import ready_models
from recognition.engine.runtime import open_session

KEPT_S = 60.0  # how long the network that few photos want is kept after the last of them
BATCH = 8  # one core is at its peak from here on; more would only make the first face of a batch wait

Chip = npt.NDArray[np.uint8]  # (150, 150, 3), blue, green and red


class Embedder:
    """One network, in fp32 or int8."""

    def __init__(self, network: Path) -> None:
        self._session = open_session(network)

    def embed(self, chips: Sequence[Chip]) -> list[Embedding]:
        """An embedding, float32 (128,), for each chip."""
        found: list[Embedding] = []
        for first in range(0, len(chips), BATCH):
            (embeddings,) = self._session.run(["embeddings"], {"chips": np.stack(chips[first : first + BATCH])})
            found += list(embeddings)
        return found

    def embed_for_enrolment(self, chips: Sequence[Chip]) -> list[Embedding]:
        """The mean of the face's and its mirror image's embedding, which tells people better apart."""
        both = self.embed([chip[:, ::way] for chip in chips for way in (1, -1)])
        return [(face + mirrored) * np.float32(0.5) for face, mirrored in zip(both[::2], both[1::2], strict=True)]


class Embedders:
    """The networks of one worker: `usual` from the start, any other from when a photo first wants it.

    The other one is for enrolment mostly, and would be a sixth of a worker's memory.
    """

    def __init__(self, networks: Mapping[str, Path], usual: str) -> None:
        self._networks = networks
        self._usual = Embedder(networks[usual])
        self._usual_precision = usual
        self._others: dict[str, Embedder] = {}
        self._wanted_at = 0.0

    def embed(self, chips: Sequence[Chip], precision: str, *, enrol: bool) -> list[Embedding]:
        """An embedding, float32 (128,), for each chip. Raises KeyError for a precision that has no network."""
        if not chips:
            return []
        embedder = self._embedder(precision)
        return embedder.embed_for_enrolment(chips) if enrol else embedder.embed(chips)

    def close_unused(self) -> bool:
        """Whether there was one that nobody has wanted for a minute."""
        if not self._others or time.monotonic() - self._wanted_at < KEPT_S:
            return False
        self._others.clear()
        return True

    def _embedder(self, precision: str) -> Embedder:
        if precision == self._usual_precision:
            return self._usual
        self._wanted_at = time.monotonic()
        if precision not in self._others:
            if not self._networks[precision].is_file():
                ready_models()  # somebody has emptied the cache folder meanwhile
            self._others[precision] = Embedder(self._networks[precision])
        return self._others[precision]
