"""From a photo's bytes to its faces. Knows neither Django nor Redis.

Importing this package is cheap: an engine's own libraries (dlib alone holds 100 MB) are loaded by
`load_recognizer`, so that only a worker pays for them, and only for the engine it runs.
"""

import os
from collections.abc import Sequence
from importlib import import_module
from typing import Final, Protocol, cast

# Before numpy is imported: its library would start a thread for each core, and a worker has one core's worth of work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from recognition.engine.answers import Answer, Face, Recognition, Request, Unchanged, Unreadable

__all__ = [
    "DEFAULT_ENGINE",
    "Answer",
    "Face",
    "Recognition",
    "Recognizer",
    "Request",
    "Unchanged",
    "UnknownEngine",
    "Unreadable",
    "load_recognizer",
]

DEFAULT_ENGINE: Final = "fast"

# Each module has `load() -> Recognizer`. Named as text, since an import would load every engine's libraries.
_ENGINES = {"fast": "recognition.engine.fast", "reference": "recognition.engine.reference"}


class Recognizer(Protocol):
    """A loaded engine.

    engine_id: what computes the answers, with its versions. space: the embedding space; only embeddings of one
    space may be compared. recipes: the recipes it serves, such as "fast.640.int8".
    """

    @property
    def engine_id(self) -> str: ...

    @property
    def space(self) -> str: ...

    @property
    def recipes(self) -> frozenset[str]: ...

    @property
    def photos_per_batch(self) -> int:
        """How many photos it is quickest to hand over at once."""
        ...

    def recognise(self, requests: Sequence[Request]) -> list[Answer]:
        """One answer for each, in the order given. Raises nothing for a photo that cannot be read.

        The recipes asked for are among `recipes`.
        """
        ...


class UnknownEngine(ValueError):
    def __init__(self, name: str) -> None:
        super().__init__(f"there is no engine {name!r}: expected one of {', '.join(sorted(_ENGINES))}")


def load_recognizer(name: str = DEFAULT_ENGINE) -> Recognizer:
    """Loads an engine with its models, in half a second or two. Raises UnknownEngine, or ModelsUnavailable."""
    if name not in _ENGINES:
        raise UnknownEngine(name)
    return cast(Recognizer, import_module(_ENGINES[name]).load())
