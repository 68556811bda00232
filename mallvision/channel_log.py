"""What the log says when the channel layer loses the hub: by itself, a traceback each second."""

import logging
import time

import redis

RETRIES_WITHIN_S = 5.0


class LostHub(logging.Filter):
    """Lets pass one plain line for each time that the connection is lost, and whatever else is logged as it is."""

    def __init__(self) -> None:
        super().__init__()
        self._noted_at = float("-inf")

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, redis.RedisError | OSError):
            return True
        before, self._noted_at = self._noted_at, time.monotonic()
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.msg, record.args = "the hub does not answer, trying again: %s", (type(error).__name__,)
        record.exc_info = None
        return self._noted_at - before > RETRIES_WITHIN_S
