"""What the simulated cameras sent and what came back."""

import threading
from collections import Counter

import numpy as np

UNREACHABLE = 0  # stands for the status where no reply came


class Tally:
    """Counts from several threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._statuses: Counter[int] = Counter()
        self._cameras: Counter[str] = Counter()
        self._took_s: list[float] = []

    def count(self, camera: str, status: int) -> None:
        with self._lock:
            self._statuses[status] += 1
            self._cameras[camera] += 1

    def time(self, took_s: float) -> None:
        with self._lock:
            self._took_s.append(took_s)

    @property
    def statuses(self) -> dict[int, int]:
        with self._lock:
            return dict(self._statuses)

    @property
    def sent(self) -> int:
        return sum(self.statuses.values())

    def lines(self) -> list[str]:
        """For people to read."""
        with self._lock:
            cameras, statuses, took_s = len(self._cameras), sorted(self._statuses.items()), list(self._took_s)
        counted = [f"{'no reply' if status == UNREACHABLE else status}: {count}" for status, count in statuses]
        told = [f"{sum(count for _, count in statuses)} photos sent by {cameras} cameras", *counted]
        if took_s:
            half, most = (1000 * float(level) for level in np.percentile(took_s, (50, 95)))
            told.append(f"replies took {half:.1f} ms (p50), {most:.1f} ms (p95)")
        return told
