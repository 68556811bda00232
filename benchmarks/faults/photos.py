"""What the cameras send: mostly new small photos, some seen a moment ago, some by several cameras at once."""

import random
import time
from collections import deque
from functools import lru_cache
from io import BytesIO
from itertools import count

from PIL import Image

from benchmarks.photos import numbered

SIZE_PX = (320, 240)
AGAIN = 0.1  # share of photos that were sent a moment ago: a cache answers them
TOGETHER = 0.2  # share of photos that other cameras send at the same moment: they join one job
MOMENT_S = 0.2


class Photos:
    """The same numbers never come twice within a process, so neither do new photos."""

    def __init__(self) -> None:
        self._random = random.Random(4)
        self._lately: deque[int] = deque(maxlen=50)
        self._moment = 0
        self._shared = 0

    def next(self) -> bytes:
        return numbered(_drawn(), self._number())

    def _number(self) -> int:
        kind = self._random.random()
        if kind < AGAIN and self._lately:
            return self._random.choice(self._lately)
        if kind < AGAIN + TOGETHER:
            return self._of_this_moment()
        number = next(_numbers)
        self._lately.append(number)
        return number

    def _of_this_moment(self) -> int:
        moment = int(time.monotonic() / MOMENT_S)
        if moment != self._moment:
            self._moment, self._shared = moment, next(_numbers)
        return self._shared


_numbers = count(1)


@lru_cache(maxsize=1)
def _drawn() -> bytes:
    file = BytesIO()
    Image.linear_gradient("L").resize(SIZE_PX).convert("RGB").save(file, "JPEG", quality=85)
    return file.getvalue()
