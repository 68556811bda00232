"""Starting processes on a core, and ending every one of them, however the run ends."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from mallvision.environment import BASE_DIR
from mallvision.launch import tether
from mallvision.launch.supervisor import tethered

START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 5.0
LOG_TAIL_BYTES = 2000


class BenchmarkFailed(Exception):
    """Something did not come up, or did not do what it was measured for; says what."""


class Processes:
    """Children of this process. They end with the `with` block, and with this process even if it is killed."""

    def __init__(self, logs: Path, environment: Mapping[str, str]) -> None:
        self._logs = logs
        self._environment = {**environment, tether.PARENT: str(os.getpid())}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, BenchmarkFailed) and not hasattr(error, "__notes__"):  # the innermost block knows best
            for name in self._running:
                if tail := self._log_tail(name):
                    error.add_note(f"--- log of {name}\n{tail}")
        self.stop(*self._running)

    def start(self, name: str, command: Sequence[str], core: int) -> psutil.Process:
        """The command's output goes to its log; its standard input is a pipe that `write` writes to."""
        with (self._logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                tethered(command), env=self._environment, cwd=BASE_DIR, stdin=subprocess.PIPE, stdout=log, stderr=log
            )
        self._running[name] = process
        os.sched_setaffinity(process.pid, {core})
        return psutil.Process(process.pid)

    def write(self, name: str, line: bytes) -> None:
        stream = self._running[name].stdin
        assert stream is not None
        stream.write(line)
        stream.flush()

    def run(self, name: str, command: Sequence[str], core: int) -> str:
        """Runs a command to its end and returns what it printed."""
        self.start(name, command, core)
        try:
            code = self._running[name].wait()
            printed = (self._logs / f"{name}.log").read_text()
        finally:
            self.stop(name)
        if code != 0:
            raise BenchmarkFailed(f"{name} failed:\n{printed[-LOG_TAIL_BYTES:]}")
        (self._logs / f"{name}.log").unlink()
        return printed

    def check(self) -> None:
        """Raises BenchmarkFailed when one has ended that should be running."""
        for name, process in self._running.items():
            if process.poll() is not None:
                raise BenchmarkFailed(f"{name} has ended with {process.returncode}")

    def wait_for(self, path: Path) -> None:
        """Until a unix socket is there. Raises BenchmarkFailed."""
        self.wait_until(path.exists, f"{path.name} has not come up")

    def wait_for_line(self, name: str, line: str) -> None:
        """Until a process has printed the line. Raises BenchmarkFailed."""
        log = self._logs / f"{name}.log"
        self.wait_until(lambda: line in log.read_text().splitlines(), f"{name} has not said {line!r}")

    def wait_until(self, is_true: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not is_true():
            self.check()
            if time.monotonic() > deadline:
                raise BenchmarkFailed(f"{otherwise} within {START_TIMEOUT_S:.0f} s")
            time.sleep(0.02)

    def _log_tail(self, name: str) -> str:
        return (self._logs / f"{name}.log").read_text(errors="replace")[-LOG_TAIL_BYTES:]

    def stop(self, *names: str) -> None:
        stopped = [self._running.pop(name) for name in names]
        for process in stopped:
            process.terminate()
        deadline = time.monotonic() + STOP_TIMEOUT_S
        for process in stopped:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin is not None:
                process.stdin.close()


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def manage(*arguments: str) -> list[str]:
    return python(str(BASE_DIR / "manage.py"), *arguments)


def shell(call: str) -> list[str]:
    """Calls a function with Django set up; `call` is such as "benchmarks.rows.make()"."""
    module = call.rpartition(".")[0]
    return manage("shell", "--verbosity", "0", "--no-imports", "--command", f"import {module}; {call}")
