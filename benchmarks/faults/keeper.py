"""Keeping the product's processes running, as supervisord would, while somebody kills them."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.processes import LOG_TAIL_BYTES, STOP_TIMEOUT_S, BenchmarkFailed
from mallvision.environment import BASE_DIR
from mallvision.launch import tether
from mallvision.launch.programs import Program
from mallvision.launch.supervisor import tethered

LOOK_EVERY_S = 0.05
STARTS_S = 3.0  # how long a program must stay up to count as started, on a busy machine


class Keeper:
    """Starts programs, and starts each again that has ended, unless it is held.

    Everything is started by the thread that calls: a tethered child ends with the thread that started it.
    """

    def __init__(self, logs: Path, environment: Mapping[str, str]) -> None:
        self._logs = logs
        self._environment = {**environment, tether.PARENT: str(os.getpid())}
        self._programs: dict[str, Program] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._started_at: dict[str, float] = {}
        self._held: set[str] = set()

    def start(self, programs: Iterable[Program]) -> None:
        for program in programs:
            self._programs[program.name] = program
            self._start(program.name)

    def look(self) -> None:
        """Starts again what has ended."""
        for name, process in self._running.items():
            if process.poll() is not None and name not in self._held:
                self._start(name)

    async def keep(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    def all_have_started(self) -> bool:
        running = [name for name, process in self._running.items() if process.poll() is None]
        newest = max(self._started_at.values())
        return len(running) == len(self._programs) and time.monotonic() - newest >= STARTS_S

    def names(self, group: str) -> list[str]:
        return [name for name, program in self._programs.items() if program.group == group]

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def named(self, pid: int) -> str:
        """Raises BenchmarkFailed for a process that is none of these."""
        for name, process in self._running.items():
            if process.pid == pid:
                return name
        raise BenchmarkFailed(f"no program has the process id {pid}")

    def send(self, name: str, number: signal.Signals) -> None:
        """A program that has ended meanwhile gets nothing."""
        self._running[name].send_signal(number)

    def hold(self, name: str) -> None:
        """From now on it is not started again when it ends."""
        self._held.add(name)

    def release(self, name: str) -> None:
        self._held.discard(name)
        self.look()

    def command(self, name: str) -> Sequence[str]:
        return self._programs[name].command

    def replace(self, name: str, command: Sequence[str]) -> Sequence[str]:
        """Tells it to end, and runs another command in its place when it has. Returns the one before."""
        before = self._programs[name]
        self._programs[name] = Program(name, before.group, command)
        self._running[name].terminate()
        # Not before it has ended, however long that takes, has everything started.
        self._started_at[name] = float("inf")
        return before.command

    def stop(self, group: str) -> None:
        """Ends all programs of a group, even stopped ones."""
        self._end(self.names(group))

    def tails(self) -> Iterable[str]:
        """The ends of the logs."""
        for name in self._programs:
            if tail := self._log(name).read_text(errors="replace")[-LOG_TAIL_BYTES:]:
                yield f"--- log of {name}\n{tail}"

    def _start(self, name: str) -> None:
        self._started_at[name] = time.monotonic()
        with self._log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                tethered(self._programs[name].command),
                env=self._environment,
                cwd=BASE_DIR,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _end(self, names: Sequence[str]) -> None:
        ending = [self._running[name] for name in names]
        for process in ending:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in ending:
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"
