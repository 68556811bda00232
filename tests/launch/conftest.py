"""Starts launchers as a user would, and makes sure that none outlives its test."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from mallvision.environment import BASE_DIR

GONE_WITHIN_S = 20.0  # a busy machine takes its time


@dataclass(slots=True)
class Running:
    """A launcher in a process of its own. `family` is who must be gone when it is."""

    process: "subprocess.Popen[str]"
    data: Path
    port: int
    family: list[psutil.Process] = field(default_factory=list)

    def lines_until(self, words: str) -> list[str]:
        """What it has said up to the line that holds `words`; the test's own time limit ends the wait."""
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if words in line:
                self.family = psutil.Process(self.process.pid).children(recursive=True)
                return lines
        raise AssertionError(f"it ended without saying {words!r}: {''.join(lines)}")

    def child(self, words: str) -> psutil.Process:
        return next(process for process in self.family if words in " ".join(process.cmdline()))

    def survivors(self) -> list[str]:
        """Who is still there when the end has had time enough."""
        _gone, alive = psutil.wait_procs(self.family, timeout=GONE_WITHIN_S)
        return [process.name() for process in alive if not _has_ended(process)]


def _has_ended(process: psutil.Process) -> bool:
    """Also true of a zombie: an orphan whose new parent has not asked for its exit code yet."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


Starter = Callable[..., Running]


@pytest.fixture
def free_port() -> int:
    return find_free_port()


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def starter(data: Path, port: int) -> Iterator[Starter]:
    """start(command…, VARIABLE=value) starts a command with output to read; {data} and {port} are filled in."""
    started: list[Running] = []

    def start_one(*command: str, **variables: str) -> Running:
        process = subprocess.Popen(
            [word.format(data=data, port=port) for word in command],
            cwd=BASE_DIR,
            env=product_environment(data) | variables,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        started.append(Running(process, data, port))
        return started[-1]

    try:
        yield start_one
    finally:
        for running in started:
            _end(running)


@pytest.fixture
def start(tmp_path: Path, free_port: int) -> Iterator[Starter]:
    with starter(tmp_path / "data", free_port) as start:
        yield start


@pytest.fixture
def stub_mall(start: Starter) -> Starter:
    def start_stubs(**variables: str) -> Running:
        return start(sys.executable, "-m", "tests.launch.stub_mall", "{data}", "{port}", **variables)

    return start_stubs


def wait_for(condition: Callable[[], bool], timeout_s: float = 15.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def product_environment(data: Path) -> dict[str, str]:
    """This one without what the tests' own settings need, and with SQLite."""
    not_ours = {name: value for name, value in os.environ.items() if not name.startswith(("MALLVISION_", "DJANGO_"))}
    not_ours.pop("DATABASE_URL", None)
    return not_ours | {"MALLVISION_DATA": str(data)}


def _end(running: Running) -> None:
    if running.process.poll() is None:
        running.process.send_signal(signal.SIGKILL)
        running.process.wait()
    if running.process.stdout is not None:
        running.process.stdout.close()
    for process in running.family:
        if process.is_running():
            process.kill()
