"""How many images a node answers per second, from the tallies."""

import time
from collections import deque
from collections.abc import Mapping

from recognition.sightings.models import NodeTally

WINDOW_S = 5.0


class Rates:
    def __init__(self) -> None:
        self._seen: deque[tuple[float, Mapping[int, int]]] = deque()

    def look(self) -> dict[int, float]:
        """By node id, images per second over the last few seconds."""
        now = time.monotonic()
        counts = {
            tally.node_id: tally.hits + tally.joins + tally.misses + tally.unchanged
            for tally in NodeTally.objects.all()
        }
        self._seen.append((now, counts))
        while len(self._seen) > 2 and now - self._seen[1][0] >= WINDOW_S:
            self._seen.popleft()
        then, before = self._seen[0]
        if now <= then:
            return {}
        return {node: round((count - before.get(node, count)) / (now - then), 2) for node, count in counts.items()}
