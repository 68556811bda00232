"""The launcher that lets a program's clock jump, on a program that prints what it takes the time to be."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.faults.shifted import write_ahead
from mallvision.environment import BASE_DIR

HOUR_S = 3600.0
ALMOST_S = 60.0
PROGRAM = """
import sys, time
from datetime import UTC, datetime, timedelta
from django.utils import timezone
for line in sys.stdin:
    real = datetime(2026, 1, 1, tzinfo=UTC)
    assert isinstance(real, datetime) and isinstance(real + timedelta(1), datetime)
    assert type(real) is type(timezone.now())
    told = [time.time(), time.time_ns() / 1e9, datetime.now(UTC).timestamp(), datetime.now().timestamp()]
    print(*told, timezone.now().timestamp(), time.monotonic(), flush=True)
"""


@contextmanager
def asked(ahead: Path, program: Path) -> "Iterator[subprocess.Popen[str]]":
    command = [sys.executable, "-m", "benchmarks.faults.shifted", str(ahead), str(program)]
    with subprocess.Popen(command, cwd=BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def times(process: "subprocess.Popen[str]") -> list[float]:
    assert process.stdin
    assert process.stdout
    process.stdin.write("\n")
    process.stdin.flush()
    return [float(word) for word in process.stdout.readline().split()]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    file = tmp_path / "program.py"
    file.write_text(PROGRAM)
    return file


def test_every_clock_but_the_steady_one_jumps_and_comes_back(tmp_path: Path, program: Path) -> None:
    ahead = tmp_path / "ahead"
    write_ahead(ahead, 0.0)
    with asked(ahead, program) as process:
        for seconds in (0.0, HOUR_S, 0.0):
            write_ahead(ahead, seconds)
            *told, steady = times(process)
            assert told == pytest.approx([time.time() + seconds] * 5, abs=ALMOST_S)
            assert steady == pytest.approx(time.monotonic(), abs=ALMOST_S)
