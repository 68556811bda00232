"""How much processor time the measured processes take. The kernel counts it in steps of 10 ms."""

from collections.abc import Sequence

import psutil


class Meter:
    """Between `start` and `stop`. Processes that end meanwhile must not be among them."""

    def __init__(self, processes: Sequence[psutil.Process]) -> None:
        self._processes = processes
        self._started_s = 0.0
        self._used_s = 0.0

    def start(self) -> None:
        self._started_s = self._total_s()

    def stop(self) -> None:
        self._used_s = self._total_s() - self._started_s

    def us_each(self, operations: float) -> float:
        """Microseconds of processor time for each of so many operations."""
        return self._used_s * 1e6 / max(1.0, operations)

    def _total_s(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self._processes)
