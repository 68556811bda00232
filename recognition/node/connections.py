"""Connections to Redis servers, with the settings that redis-py 8 needs to be told.

Its defaults time a blocking read out after 5 s and then repeat the command up to ten times, which writes twice
what must be written once. Here nothing is repeated by the library: who calls decides.

An address is of one server, of a master that Sentinels watch, or of a Cluster (recognition.node.address). Clients of
all three are used alike and raise nothing but redis.RedisError; what is particular to a Cluster stands in
recognition.node.cluster.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, TypeAlias

import redis
from redis.asyncio import BlockingConnectionPool, SSLConnection
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from recognition.node.address import Address, Server, form_of, parse
from recognition.node.async_client import AsyncClient
from recognition.node.async_cluster import AsyncClusterClient
from recognition.node.cluster import ClusterClient
from recognition.node.sentinel import (
    AsyncSentinelClient,
    AsyncSentinels,
    MasterConnection,
    SentinelClient,
    Sentinels,
    TlsMasterConnection,
)

# redis-py types each reply as bytes, text or more, whatever a connection decodes. These decode nothing: replies are
# bytes, and get their types where they are read.
Redis: TypeAlias = Any

CONNECT_TIMEOUT_S = 2.0
REPLY_TIMEOUT_S = 5.0
CONNECTIONS_PER_SERVER = 32

# RESP2 on the wire: replies keep the shapes this code was written for, whatever the server offers.
_RESP = 2


def connect(url: str, reply_timeout_s: float = REPLY_TIMEOUT_S) -> Redis:
    """A client for threads and loops that block. A blocking read must end within `reply_timeout_s`.

    Connects when it is first used. Raises ValueError for an address that is none.
    """
    settings = {**_timeouts(reply_timeout_s), "retry": Retry(NoBackoff(), 0)}
    if form_of(url) == "standalone":
        return redis.Redis.from_url(url, **settings)
    address = parse(url)
    settings |= _tls(address)
    if address.form == "cluster":
        return ClusterClient(address.servers, **settings, **_signing_in(address))
    sentinels = Sentinels(address.servers, **settings, password=address.sentinel_password)
    return SentinelClient(sentinels, address.name, **settings, **_signing_in(address), db=address.db)


def connect_async(url: str, reply_timeout_s: float = REPLY_TIMEOUT_S) -> Redis:
    """A client for one event loop. Callers beyond the pool's size wait for a connection instead of failing.

    Connects when it is first used. Raises ValueError for an address that is none.
    """
    settings = {
        **_timeouts(reply_timeout_s),
        "retry": AsyncRetry(NoBackoff(), 0),
        "max_connections": CONNECTIONS_PER_SERVER,
        "timeout": reply_timeout_s,
    }
    if form_of(url) == "standalone":
        return AsyncClient(BlockingConnectionPool.from_url(url, **settings), reply_timeout_s)
    address = parse(url)
    if address.form == "cluster":
        settings |= {**_signing_in(address), **_tls_connections(address)}
        return AsyncClusterClient(address.servers, partial(_async_client, reply_timeout_s, settings), reply_timeout_s)
    settings |= master_settings(address, reply_timeout_s)
    return AsyncSentinelClient(BlockingConnectionPool(**settings), reply_timeout_s)


def master_settings(address: Address, sentinel_timeout_s: float) -> dict[str, Any]:
    """What a pool of redis.asyncio needs to be told for a master behind Sentinels, timeouts and retries aside."""
    for_sentinels = {
        **_timeouts(sentinel_timeout_s),
        **_tls_connections(address),
        "retry": AsyncRetry(NoBackoff(), 0),
        "password": address.sentinel_password,
    }
    return {
        "connection_class": TlsMasterConnection if address.tls else MasterConnection,
        "sentinels": AsyncSentinels(address.servers, address.name, sentinel_timeout_s, for_sentinels),
        "db": address.db,
        **_signing_in(address),
        **_tls_options(address),
    }


def _async_client(reply_timeout_s: float, settings: Mapping[str, Any], server: Server) -> AsyncClient:
    return AsyncClient(BlockingConnectionPool(host=server[0], port=server[1], **settings), reply_timeout_s)


def _timeouts(reply_timeout_s: float) -> dict[str, Any]:
    return {
        "protocol": _RESP,
        "socket_connect_timeout": min(CONNECT_TIMEOUT_S, reply_timeout_s),
        "socket_timeout": reply_timeout_s,
    }


def _signing_in(address: Address) -> dict[str, Any]:
    return {"username": address.username, "password": address.password}


def _tls(address: Address) -> dict[str, Any]:
    """As clients and the blocking pool of Sentinels are told."""
    return {"ssl": True, **_tls_options(address)} if address.tls else {}


def _tls_connections(address: Address) -> dict[str, Any]:
    """As a plain pool is told."""
    return {"connection_class": SSLConnection, **_tls_options(address)} if address.tls else {}


def _tls_options(address: Address) -> dict[str, Any]:
    options: dict[str, Any] = dict(address.options)
    if "ssl_check_hostname" in options:
        options["ssl_check_hostname"] = options["ssl_check_hostname"].lower() not in {"0", "f", "false", "n", "no"}
    return options
