"""How many snapshots have ended well and badly in the last few minutes, from the tallies."""

from collections import deque
from dataclasses import dataclass, field

from recognition.sightings.tallies import totals

WINDOW_S = 300.0


@dataclass(frozen=True, slots=True)
class Lately:
    """whole: the figures cover all of the window; a process that has just started knows less."""

    done: int
    bad: int
    whole: bool


@dataclass(slots=True)
class EndedLately:
    """Asked now and then. The tallies are sums of a few rows; to count the outcomes would be to read them all."""

    _seen: deque[tuple[float, int, int]] = field(default_factory=deque)

    def look(self, now_s: float) -> Lately:
        """now_s: of a clock that is never set back."""
        tally = totals()
        self._seen.append((now_s, tally["done"], tally["failed"] + tally["expired"]))
        while len(self._seen) > 1 and now_s - self._seen[1][0] >= WINDOW_S:
            self._seen.popleft()
        then_s, done, bad = self._seen[0]
        _, done_now, bad_now = self._seen[-1]
        return Lately(done_now - done, bad_now - bad, now_s - then_s >= WINDOW_S)
