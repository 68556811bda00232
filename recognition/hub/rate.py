"""Limiting how often something is done, over all web processes."""

import time

from recognition.hub import keys
from recognition.node.connections import Redis

WINDOW_S = 60


async def is_allowed(hub: Redis, name: str, per_minute: int) -> bool:
    """Counts one more; False once more than `per_minute` have come in the current minute of the clock."""
    key = keys.rate(name, int(time.time()) // WINDOW_S)
    count, _ = await hub.pipeline(transaction=True).incr(key).expire(key, 2 * WINDOW_S).execute()
    return bool(count <= per_minute)
