"""What passes between the benchmark and the processes that it measures: a line of JSON each way."""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

# What one engine is asked, and what it answers: how many faces it has found, or None for an unchanged scene.
Recognise = Callable[[bytes, bytes | None], Sequence[Any] | None]

_STATUS = Path("/proc/self/status")


class Orders:
    """recognise: one photo, and the scene signature it is compared with. boxes: of what `recognise` returned.

    scene: the signature of a photo; batches: recognises several photos as a busy worker does.
    """

    def __init__(
        self,
        recognise: Recognise,
        boxes: Callable[[Sequence[Any]], list[tuple[int, ...]]],
        scene: Callable[[bytes], bytes | None],
        batches: Callable[[Sequence[bytes]], None],
    ) -> None:
        self._recognise, self._boxes, self._scene, self._batches = recognise, boxes, scene, batches
        self._scenes: dict[str, bytes | None] = {}
        self._kinds: dict[str, Callable[..., dict[str, object]]] = {
            "time": self._time,
            "look": self._look,
            "work": self._work,
        }

    def serve(self, **ready: object) -> None:
        """Until standard input ends, as it does when the benchmark does."""
        _say(ready)
        for line in sys.stdin:
            order = json.loads(line)
            kind = order.pop("kind")
            _say(self._kinds[kind](**order))

    def _time(self, photo: str, calls: int, is_warmed_up: bool, scene_of: str | None) -> dict[str, object]:
        """Milliseconds per call, on the clock and of this process's own processor time."""
        content = Path(photo).read_bytes()
        scene = self._scene_of(scene_of)
        if is_warmed_up:
            self._recognise(content, scene)
        wall, own = time.perf_counter(), time.process_time()
        for _ in range(calls):
            found = self._recognise(content, scene)
        own_ms, wall_ms = (time.process_time() - own) * 1e3, (time.perf_counter() - wall) * 1e3
        return {"ms": wall_ms / calls, "own_ms": own_ms / calls, "faces": None if found is None else len(found)}

    def _scene_of(self, photo: str | None) -> bytes | None:
        if photo is None:
            return None
        if photo not in self._scenes:
            self._scenes[photo] = self._scene(Path(photo).read_bytes())
        return self._scenes[photo]

    def _look(self, photo: str) -> dict[str, object]:
        found = self._recognise(Path(photo).read_bytes(), None)
        assert found is not None  # no scene was named
        return {"boxes": self._boxes(found)}

    def _work(self, photos: list[str]) -> dict[str, object]:
        self._batches([Path(photo).read_bytes() for photo in photos])
        return {"photos": len(photos), **memory_mb()}


def memory_mb() -> dict[str, float]:
    """Of this process, in millions of bytes: what is resident now, and the most that ever was."""
    lines = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines() if ":" in line)
    return {name: int(lines[key].split()[0]) * 1024 / 1e6 for name, key in (("resident", "VmRSS"), ("peak", "VmHWM"))}


def _say(answer: dict[str, object]) -> None:
    os.write(1, json.dumps(answer).encode() + b"\n")
