"""Waiting for something to come true."""

import asyncio
from collections.abc import Callable
from typing import Any

from benchmarks.waiting import wait_until

__all__ = ["until", "wait_until"]


async def until(is_true: Callable[[], Any], patience_s: float = 10.0) -> None:
    """Raises TimeoutError when it does not come true in time."""
    async with asyncio.timeout(patience_s):
        while not is_true():
            await asyncio.sleep(0.01)
