"""How small a face may be in the detector's input and still be found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.accuracy.degrading import resized, scaled_box
from benchmarks.accuracy.engines import Engine, at
from benchmarks.accuracy.people import Labelled
from benchmarks.engine.pictures import png, side_px

# With what is around it, the largest still fits into 640 pixels, so no detector makes it smaller.
SIDES_PX = (12, 16, 20, 24, 32, 48, 64, 96, 128)
LEAST_PX = 20  # every face from this side on is to be found


@dataclass(frozen=True, slots=True)
class Recall:
    """found: by engine, of `faces` faces of that side."""

    side_px: int
    faces: int
    found: Mapping[str, int]


def recall_by_size(photos: Sequence[Labelled], engines: Mapping[str, Engine]) -> list[Recall]:
    """Each person's face, reduced to each side; never enlarged."""
    cuts = [cut for photo in photos if (cut := photo.cut())]
    recalls = []
    for side in SIDES_PX:
        ratios = [(pixels, box, side / side_px(box)) for pixels, box in cuts if side_px(box) >= side]
        made = [(png(resized(pixels, ratio)), scaled_box(box, ratio)) for pixels, box, ratio in ratios]
        found = {
            name: sum(at(engine(content), box) is not None for content, box in made) for name, engine in engines.items()
        }
        recalls.append(Recall(side, len(made), found))
    return recalls


def missed(recalls: Sequence[Recall], engine: str) -> int:
    """Faces of LEAST_PX and more that were not found."""
    return sum(each.faces - each.found[engine] for each in recalls if each.side_px >= LEAST_PX)
