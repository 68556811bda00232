"""Asking the observer, a process of its own, what stands in the database."""

import json
import os
import select
import subprocess
from pathlib import Path
from typing import Any, TypedDict

from benchmarks.processes import BenchmarkFailed, python
from mallvision.environment import BASE_DIR
from mallvision.launch import tether
from mallvision.launch.supervisor import tethered

PATIENCE_S = 30.0


class Account(TypedDict):
    """snapshots: each with an outcome, as often as it has one. states: how many outcomes are of each state.

    deviations: by how much something differs from what the outcomes say, either way; all are 0 when nothing was
    written twice and nothing left out.
    """

    snapshots: list[str]
    states: dict[str, int]
    deviations: dict[str, int]


class Observing:
    """`python -m benchmarks.faults.observer`, and what it answers."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                tethered(python("-m", "benchmarks.faults.observer")),
                env={**environment, tether.PARENT: str(os.getpid())},
                cwd=BASE_DIR,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
            )

    def seen(self) -> list[tuple[str, str, float]]:
        """Snapshot, state and moment (CLOCK_MONOTONIC) of the outcomes that have come since it was last asked."""
        return [(snapshot, state, at_s) for snapshot, state, at_s in self._ask("seen")]

    def account(self) -> Account:
        """Of all that stands in the database. Means something only while nothing is on its way."""
        found: Account = self._ask("account")
        return found

    def active_collector(self) -> int | None:
        """The process id of the one that holds the lease."""
        found: int | None = self._ask("active")
        return found

    def database_is_free(self) -> bool:
        """Nobody is in the middle of recording."""
        return bool(self._ask("free"))

    def _ask(self, question: str) -> Any:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(f"{question}\n".encode())
        stdin.flush()
        if not select.select([stdout], [], [], PATIENCE_S)[0] or not (line := stdout.readline()):
            raise BenchmarkFailed(f"the observer does not answer {question!r}")
        return json.loads(line)

    def close(self) -> None:
        self._process.terminate()
        self._process.communicate()
