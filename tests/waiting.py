"""Waiting for something to come true."""

import asyncio
import time
from collections.abc import Callable
from typing import Any


async def until(is_true: Callable[[], Any], patience_s: float = 10.0) -> None:
    """Raises TimeoutError when it does not come true in time."""
    async with asyncio.timeout(patience_s):
        while not is_true():
            await asyncio.sleep(0.01)


def wait_until(is_true: Callable[[], Any], patience_s: float = 20.0) -> Any:
    """What `is_true` returns once that is true. Fails when it does not come true in time."""
    ends_at = time.monotonic() + patience_s
    while not (found := is_true()):
        assert time.monotonic() < ends_at, "it did not come true in time"
        time.sleep(0.02)
    return found
