"""Publishing to the browsers from a process without an event loop."""

import asyncio
import logging

import redis
from channels.layers import get_channel_layer

from recognition.live.messages import GROUP, LiveBatch, LiveStatus

TIMEOUT_S = 2.0

log = logging.getLogger(__name__)


async def _send(message: LiveBatch | LiveStatus) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        await get_channel_layer().group_send(GROUP, message)


class Publisher:
    """Keeps an event loop of its own, because the channel layer's connection belongs to a loop."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()

    def publish(self, message: LiveBatch | LiveStatus) -> None:
        """Only a hint: when it cannot be given, that is said and nothing is lost."""
        try:
            self._runner.run(_send(message))
        except (redis.RedisError, OSError) as error:  # a TimeoutError is an OSError
            log.warning("%s was not published: %s", message["type"], type(error).__name__)

    def close(self) -> None:
        self._runner.close()
