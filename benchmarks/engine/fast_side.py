"""`python -m benchmarks.engine.fast_side RECIPE PHOTO`: the product's engine in a process like a worker.

It imports what a worker imports. RECIPE may be "best": int8 where this machine serves it. Recognises PHOTO before it
says that it is ready.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import recognition.node.__main__  # noqa: F401 (what a worker's process holds)
from benchmarks.engine.orders import Orders
from recognition.engine import Face, Recognition, Recognizer, Request, Unchanged, load_recognizer
from recognition.recipe import Recipe

BEST = "best"


def best_recipe(recipes: frozenset[str]) -> str:
    return next((text for text in ("fast.640.int8", "fast.640.fp32") if text in recipes), min(recipes))


class Fast:
    def __init__(self, recognizer: Recognizer, recipe: str) -> None:
        self._recognizer, self._recipe = recognizer, recipe

    def recognise(self, photo: bytes, scene: bytes | None = None) -> Sequence[Face] | None:
        (answer,) = self._recognizer.recognise([Request(photo, self._recipe, scene)])
        if isinstance(answer, Unchanged):
            return None
        return answer.faces if isinstance(answer, Recognition) else ()

    def scene(self, photo: bytes) -> bytes:
        (answer,) = self._recognizer.recognise([Request(photo, self._recipe)])
        assert isinstance(answer, Recognition)
        return answer.scene

    def batches(self, photos: Sequence[bytes]) -> None:
        size = self._recognizer.photos_per_batch
        for first in range(0, len(photos), size):
            self._recognizer.recognise([Request(photo, self._recipe) for photo in photos[first : first + size]])


def boxes(faces: Sequence[Face]) -> list[tuple[int, ...]]:
    return [face.box for face in faces]


def main(asked: str, photo: str) -> int:
    recognizer = load_recognizer(Recipe.parse(asked).family if asked != BEST else "fast")
    recipe = best_recipe(recognizer.recipes) if asked == BEST else asked
    if recipe not in recognizer.recipes:
        print(f"{recipe} is not served here: {', '.join(sorted(recognizer.recipes))}", file=sys.stderr)
        return 2
    fast = Fast(recognizer, recipe)
    fast.recognise(Path(photo).read_bytes())
    orders = Orders(fast.recognise, boxes, fast.scene, fast.batches)
    orders.serve(recipe=recipe, recipes=sorted(recognizer.recipes), engine=recognizer.engine_id)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
