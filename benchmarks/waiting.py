"""Waiting for something to come true in other processes."""

import time
from collections.abc import Callable
from typing import Any

from benchmarks.processes import BenchmarkFailed

LOOK_EVERY_S = 0.02


def wait_until(is_true: Callable[[], Any], patience_s: float = 20.0) -> Any:
    """What `is_true` returns once that is true. Raises BenchmarkFailed when it does not come true in time."""
    ends_at = time.monotonic() + patience_s
    while not (found := is_true()):
        if time.monotonic() > ends_at:
            raise BenchmarkFailed(f"it did not come true within {patience_s:.0f} s")
        time.sleep(LOOK_EVERY_S)
    return found
