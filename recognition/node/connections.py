"""Connections to Redis servers, with the settings that redis-py 8 needs to be told.

Its defaults time a blocking read out after 5 s and then repeat the command up to ten times, which writes twice
what must be written once. Here nothing is repeated by the library: who calls decides.
"""

from typing import Any, TypeAlias

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from recognition.node.async_client import AsyncClient

# redis-py types each reply as bytes, text or more, whatever a connection decodes. These decode nothing: replies are
# bytes, and get their types where they are read.
Redis: TypeAlias = Any

CONNECT_TIMEOUT_S = 2.0
REPLY_TIMEOUT_S = 5.0
CONNECTIONS_PER_SERVER = 32

# RESP2 on the wire: replies keep the shapes this code was written for, whatever the server offers.
_RESP = 2


def connect(url: str, reply_timeout_s: float = REPLY_TIMEOUT_S) -> Redis:
    """A client for threads and loops that block. A blocking read must end within `reply_timeout_s`."""
    return redis.Redis.from_url(
        url,
        protocol=_RESP,
        socket_connect_timeout=min(CONNECT_TIMEOUT_S, reply_timeout_s),
        socket_timeout=reply_timeout_s,
        retry=Retry(NoBackoff(), 0),
    )


def connect_async(url: str, reply_timeout_s: float = REPLY_TIMEOUT_S, client: type[AsyncClient] = AsyncClient) -> Redis:
    """A client for one event loop. Callers beyond the pool's size wait for a connection instead of failing."""
    pool = redis.asyncio.BlockingConnectionPool.from_url(
        url,
        protocol=_RESP,
        max_connections=CONNECTIONS_PER_SERVER,
        timeout=reply_timeout_s,
        socket_connect_timeout=min(CONNECT_TIMEOUT_S, reply_timeout_s),
        socket_timeout=reply_timeout_s,
        retry=AsyncRetry(NoBackoff(), 0),
    )
    return client(pool, reply_timeout_s)
