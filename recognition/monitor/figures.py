"""What a node's workers did over the last minute, out of what each says it did since it was started."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from recognition.node.heartbeat import WorkerBeat
from recognition.node.histogram import NONE, Counts, between, merged

WINDOW_US = 60_000_000
KEPT_EVERY_US = 5_000_000  # a beat holds two histograms: so not every one is kept


@dataclass(slots=True)
class Figures:
    """The beats of the last minute of each living worker, oldest first. The minute is each worker's own."""

    _beats: dict[str, deque[WorkerBeat]] = field(default_factory=dict)

    def note(self, workers: Sequence[WorkerBeat]) -> None:
        """Takes what the living workers say now. One that is started again has another id, and starts at nothing."""
        self._beats = {beat.worker: self._beats.get(beat.worker) or _beginning(beat) for beat in workers}
        for beat in workers:
            _add(self._beats[beat.worker], beat)

    def waits(self) -> Counts:
        return merged(between(first.waits, last.waits) for first, last in self._windows())

    def takes(self) -> Counts:
        return merged(between(first.takes, last.takes) for first, last in self._windows())

    def load(self) -> float | None:
        """The share of their time that the workers were at work, 0 to 1; None before anything is known."""
        alive_us = sum(last.alive_us - first.alive_us for first, last in self._windows())
        busy_us = sum(last.busy_us - first.busy_us for first, last in self._windows())
        return round(min(1.0, max(0.0, busy_us / alive_us)), 4) if alive_us > 0 else None

    def _windows(self) -> Iterator[tuple[WorkerBeat, WorkerBeat]]:
        return ((beats[0], beats[-1]) for beats in self._beats.values())


def _beginning(beat: WorkerBeat) -> deque[WorkerBeat]:
    """What is known of a worker before its first beat: for one younger than the window, that it began at nothing."""
    if beat.alive_us > WINDOW_US:
        return deque()
    none = list(NONE)
    return deque([WorkerBeat(beat.worker, beat.engine_id, beat.space, [], 0, 0, waits=none, takes=none)])


def _add(beats: deque[WorkerBeat], beat: WorkerBeat) -> None:
    """The newest always, and of the others one each KEPT_EVERY_US."""
    if len(beats) > 1 and beats[-1].alive_us - beats[-2].alive_us < KEPT_EVERY_US:
        beats.pop()
    beats.append(beat)
    while len(beats) > 2 and beats[-1].alive_us - beats[1].alive_us >= WINDOW_US:
        beats.popleft()
