"""The processes that are measured, each with one engine, all on the core of the process that started them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import BenchmarkFailed
from mallvision.environment import BASE_DIR
from recognition.engine.runtime import HIGHEST_MMAP_THRESHOLD_BYTES

# No library is to start a thread for a core that it may not use.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# What the worker sets for itself, face_recognition is given from outside, as it gains by it as well: and without a
# limit to what it keeps, so that it never has less.
KEPT_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(HIGHEST_MMAP_THRESHOLD_BYTES),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
}
_MALLOC = ("MALLOC_", "GLIBC_TUNABLES")


@dataclass(frozen=True, slots=True)
class Timed:
    """A photo's time per call in milliseconds, on the clock and of the process's own processor time.

    faces: None where the scene was found unchanged.
    """

    ms: float
    own_ms: float
    faces: int | None


class Side:
    """first_answer_s: from the process's start until it had recognised its first photo. ready: what it then said."""

    def __init__(self, module: str, arguments: Sequence[str], memory: Mapping[str, str]) -> None:
        started_at = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=environment(memory),
            cwd=BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._name = module.rpartition(".")[2]
        self.ready = self._answer()
        self.first_answer_s = time.perf_counter() - started_at

    def time(self, photo: Path, calls: int, *, is_warmed_up: bool, scene_of: Path | None = None) -> Timed:
        scene = None if scene_of is None else str(scene_of)
        order = {"kind": "time", "photo": str(photo), "calls": calls, "is_warmed_up": is_warmed_up, "scene_of": scene}
        return Timed(**self._ask(order))

    def boxes(self, photo: Path) -> list[tuple[int, int, int, int]]:
        return [tuple(box) for box in self._ask({"kind": "look", "photo": str(photo)})["boxes"]]

    def work(self, photos: Sequence[Path]) -> dict[str, float]:
        """Recognises them all, in batches if the engine takes any. Returns what memory the process then holds."""
        return self._ask({"kind": "work", "photos": [str(photo) for photo in photos]})

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _ask(self, order: dict[str, object]) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise BenchmarkFailed(f"{self._name} has ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def environment(memory: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_MALLOC)}
    return {**kept, **ONE_THREAD, **memory}


@contextmanager
def fast_side(recipe: str, photo: Path) -> Iterator[Side]:
    yield from _open("benchmarks.engine.fast_side", [recipe, str(photo)], {})


@contextmanager
def loop_side(photo: Path, memory: Mapping[str, str] = KEPT_MEMORY) -> Iterator[Side]:
    yield from _open("benchmarks.engine.loop_side", [str(photo)], memory)


def _open(module: str, arguments: Sequence[str], memory: Mapping[str, str]) -> Iterator[Side]:
    side = Side(module, arguments, memory)
    try:
        yield side
    finally:
        side.end()


def printed(module: str, *arguments: str) -> Any:
    """What a module prints as JSON, run to its end in a process of its own. Raises BenchmarkFailed."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, env=environment({}), cwd=BASE_DIR, stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise BenchmarkFailed(f"{module} has ended with {done.returncode}")
    return json.loads(done.stdout)
