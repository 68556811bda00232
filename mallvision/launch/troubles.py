"""Tells processes that keep dying from those that died once."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator

from mallvision.launch.control import ProcessInfo, State

RESTARTS = 4
WITHIN_S = 60.0
RETRY_S = 30.0


class Troubles:
    """`now` is any clock in seconds that only goes forward."""

    def __init__(self) -> None:
        self._starts: dict[str, deque[tuple[int, float]]] = defaultdict(lambda: deque(maxlen=RESTARTS))
        self._in_trouble: dict[str, float] = {}

    def news(self, processes: Iterable[ProcessInfo], now: float) -> Iterator[str]:
        """One line when a process begins to keep dying, one when it has recovered."""
        for process in processes:
            dying = self._keeps_dying(process, now)
            if dying and process.name not in self._in_trouble:
                self._in_trouble[process.name] = now
                yield f"{process.name} keeps ending and is started again and again; its log says why: {process.log}"
            elif not dying and process.name in self._in_trouble and process.state == State.RUNNING:
                del self._in_trouble[process.name]
                yield f"{process.name} runs again."

    def given_up(self, processes: Iterable[ProcessInfo], now: float) -> list[ProcessInfo]:
        """Those that supervisord does not start any more and that are due for another attempt."""
        due = []
        for process in processes:
            if process.state == State.FATAL and now - self._in_trouble.get(process.name, now) >= RETRY_S:
                self._in_trouble[process.name] = now
                due.append(process)
        return due

    def _keeps_dying(self, process: ProcessInfo, now: float) -> bool:
        starts = self._starts[process.name]
        if process.pid and (not starts or starts[-1][0] != process.pid):
            starts.append((process.pid, now))
        often = len(starts) == RESTARTS and now - starts[0][1] < WITHIN_S
        return process.state == State.FATAL or often
