"""`python -m benchmarks.faults.shifted FILE PROGRAM …` runs a Python program whose clock may jump while it runs.

FILE holds, as a double in the machine's byte order, by how many seconds its clock is ahead. What tells the time of day
is replaced before anything else is imported: time.time, time.time_ns, and datetime.datetime.now, utcnow and today,
which django.utils.timezone.now goes by as well. Clocks that never jump (time.monotonic) stay as they are, as on a
machine whose time is set. PROGRAM is a file, or -m and a module.
"""

import datetime as dt
import mmap
import runpy
import struct
import sys
import time
from pathlib import Path
from typing import Any

AHEAD = struct.Struct("d")


def write_ahead(file: Path, seconds: float) -> None:
    """In place: a process that has the file open sees it at once."""
    with file.open("r+b" if file.exists() else "w+b") as stream:
        stream.write(AHEAD.pack(seconds))


def shift_clocks(file: Path) -> None:
    with file.open("rb") as stream:
        held = mmap.mmap(stream.fileno(), 0, prot=mmap.PROT_READ)
    true_ns = time.time_ns
    real = dt.datetime

    def now_ns() -> int:
        ahead_s: float = AHEAD.unpack_from(held)[0]
        return true_ns() + round(ahead_s * 1e9)

    class Kind(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, real)

        def __subclasscheck__(cls, subclass: type) -> bool:
            return issubclass(subclass, real)

    class Shifted(real, metaclass=Kind):  # type: ignore[misc, valid-type]  # a base that is chosen when it runs
        """Makes plain datetimes: only where the time comes from is another."""

        def __new__(cls, *arguments: Any, **named: Any) -> Any:
            return real(*arguments, **named)

        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Any:
            return real.fromtimestamp(now_ns() / 1e9, tz)

        @classmethod
        def utcnow(cls) -> Any:
            return real.fromtimestamp(now_ns() / 1e9, dt.UTC).replace(tzinfo=None)

        @classmethod
        def today(cls) -> Any:
            return cls.now()

    time.time_ns = now_ns
    time.time = lambda: now_ns() / 1e9
    dt.datetime = Shifted  # type: ignore[misc]


def main() -> None:
    _, file, *program = sys.argv
    shift_clocks(Path(file))
    if program[0] == "-m":
        sys.argv = program[1:]
        runpy.run_module(program[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = program
        runpy.run_path(program[0], run_name="__main__")


if __name__ == "__main__":
    main()
