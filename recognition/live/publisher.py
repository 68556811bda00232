"""Publishing to the browsers from a process without an event loop."""

import asyncio
import logging

import redis
from channels.layers import get_channel_layer

from recognition.live.messages import GROUP, LiveBatch, LiveStatus

log = logging.getLogger(__name__)


class Publisher:
    """Keeps an event loop of its own, because the channel layer's connection belongs to a loop."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()

    def publish(self, message: LiveBatch | LiveStatus) -> None:
        """Only a hint: when it cannot be given, that is said and nothing is lost."""
        try:
            self._runner.run(get_channel_layer().group_send(GROUP, message))
        except (redis.RedisError, OSError) as error:
            log.warning("%s was not published: %s", message["type"], error)

    def close(self) -> None:
        self._runner.close()
