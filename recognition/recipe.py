"""What is asked of a recognition program, and so what an answer depends on beside its photo.

The text form, such as "fast.640.int8", travels with each job, is part of the cache key, and is what nodes publish.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

FAST: Final = "fast"
REFERENCE: Final = "reference"
FP32: Final = "fp32"
INT8: Final = "int8"
ENROL: Final = "enrol"

LONGEST_TEXT: Final = 40
DETECTOR_SIDES_PX: Final = (320, 480, 640, 960)


class BadRecipe(ValueError):
    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is no recipe")


@dataclass(frozen=True, slots=True)
class Recipe:
    """family: the engine. side_px: the longer side of the picture that its detector sees, 0 for the photo's own.

    precision: the arithmetic of the embedding network. enrol: each embedding is the mean of the face and its mirror
    image, which is worth its double price for a face that is kept.
    """

    family: str
    side_px: int
    precision: str
    enrol: bool = False

    @classmethod
    def parse(cls, text: str) -> "Recipe":
        """Raises BadRecipe."""
        if len(text) > LONGEST_TEXT:
            raise BadRecipe(text[:LONGEST_TEXT])
        family, *rest = text.split(".")
        match rest:
            case [side, precision] if family and precision and side.isascii() and side.isdigit():
                return cls(family, int(side), precision)
            case [side, precision, "enrol"] if family and precision and side.isascii() and side.isdigit():
                return cls(family, int(side), precision, enrol=True)
        raise BadRecipe(text)

    def __str__(self) -> str:
        return ".".join([self.family, str(self.side_px), self.precision, *([ENROL] if self.enrol else [])])

    @property
    def exact(self) -> "Recipe":
        """The same in fp32, which every worker of the family serves; int8 needs a processor that gains by it."""
        return replace(self, precision=FP32)

    @property
    def for_enrolment(self) -> "Recipe":
        """What a face that is kept is recognised with. The reference program has no such variant."""
        return replace(self.exact, enrol=True) if self.family == FAST else self


@lru_cache(maxsize=64)
def recipes_that_do(asked: str) -> tuple[str, ...]:
    """The recipes whose answer does for who asks for `asked`: itself, then its exact twin. None for what is no recipe.

    They are of one embedding space, so that what one saw may be compared with what the other saw.
    """
    try:
        recipe = Recipe.parse(asked)
    except BadRecipe:
        return ()
    return tuple(dict.fromkeys((str(recipe), str(recipe.exact))))
