"""Clients of the master that Sentinels watch: each new connection asks them where it is.

redis-py's own look-up exchanges places in a list that other tasks are walking, and so loses Sentinels; on an event
loop it asks one after the other, so that one which hangs uses up a command's whole time, and whoever closes a pool
leaves its connections to the Sentinels open. Hence the look-ups here.

After a failover connections that lead to the old master are left: Sentinel closes those of a master that it makes a
replica, a READONLY reply closes the others, and one that fails takes the idle ones with it.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import redis
import redis.asyncio
from redis.asyncio.connection import Connection, SSLConnection
from redis.sentinel import MasterNotFoundError, Sentinel, SentinelConnectionPool

from recognition.node.address import Server
from recognition.node.async_client import AsyncClient

NO_MASTER = "the Sentinels that answer know no living master of this name"


class Sentinels(Sentinel):
    """For several threads. The Sentinel that has answered last is asked first."""

    def __init__(self, servers: Sequence[Server], **settings: Any) -> None:
        super().__init__(servers, sentinel_kwargs=settings)  # type: ignore[no-untyped-call]
        self.servers = servers
        self._answered: Any = None

    def discover_master(self, service_name: str) -> Server:
        """Raises MasterNotFoundError when Sentinels answer but know no master, else what came of asking the last."""
        error: redis.RedisError | None = None
        for sentinel in sorted(self.sentinels, key=lambda one: one is not self._answered):
            try:
                master = living_master(sentinel.sentinel_masters(), service_name)
            except redis.RedisError as unanswered:
                error = error or unanswered
                continue
            if master is not None:
                self._answered = sentinel
                return master
            error = MasterNotFoundError(NO_MASTER)
        raise error or MasterNotFoundError(NO_MASTER)


class SentinelClient(redis.Redis):
    """For threads and loops that block."""

    def __init__(self, sentinels: Sentinels, name: str, **settings: Any) -> None:
        self._sentinels = sentinels
        self._name = name
        pool = SentinelConnectionPool(name, sentinels, **settings)  # type: ignore[no-untyped-call]
        super().__init__(connection_pool=pool)

    @property
    def master(self) -> Server:
        """Where the Sentinels say that the master is."""
        return self._sentinels.discover_master(self._name)

    @property
    def sentinels(self) -> dict[Server, Any]:
        """A client of each Sentinel."""
        return dict(zip(self._sentinels.servers, self._sentinels.sentinels, strict=True))

    def close(self) -> None:
        super().close()
        self.connection_pool.disconnect()
        self._sentinels.close()


@dataclass(frozen=True, slots=True)
class AsyncSentinels:
    """For one event loop. All are asked at the same time; the first that knows the master is believed.

    timeout_s: within which one answers. settings: of the connections to them.
    """

    servers: tuple[Server, ...]
    name: str
    timeout_s: float
    settings: dict[str, Any] = field(repr=False)

    async def find_master(self) -> Server:
        """Raises MasterNotFoundError when Sentinels answer but know no master, else what came of asking."""
        asking = [asyncio.ensure_future(self._ask(server)) for server in self.servers]
        try:
            return await _first_known(asyncio.as_completed(asking))
        finally:
            for question in asking:
                question.cancel()
            await asyncio.gather(*asking, return_exceptions=True)

    async def _ask(self, server: Server) -> Server | None:
        # By a client that closes its connection even if it is cancelled while doing so.
        pool = redis.asyncio.ConnectionPool(host=server[0], port=server[1], **self.settings)
        sentinel = AsyncClient(pool, self.timeout_s)
        try:
            return living_master(await sentinel.sentinel_masters(), self.name)
        finally:
            await sentinel.drop_idle()


def living_master(masters: Any, name: str) -> Server | None:
    """masters: what a Sentinel says of all that it watches. None for one that it does not know or holds for down."""
    state = masters.get(name)
    if not state or not state["is_master"] or state["is_sdown"] or state["is_odown"]:
        return None
    return state["ip"], state["port"]


async def _first_known(answers: Iterable[Awaitable[Server | None]]) -> Server:
    error: redis.RedisError | None = None
    for answer in answers:
        try:
            master = await answer
        except redis.RedisError as unanswered:
            error = error or unanswered
            continue
        if master is not None:
            return master
        error = MasterNotFoundError(NO_MASTER)
    raise error or MasterNotFoundError(NO_MASTER)


class MasterConnection(Connection):
    """An asyncio connection to the master; for any of redis-py's pools."""

    def __init__(self, *, sentinels: AsyncSentinels, **settings: Any) -> None:
        super().__init__(**settings)
        self._sentinels = sentinels

    async def _connect(self) -> None:
        self.host, self.port = await self._sentinels.find_master()
        await super()._connect()  # type: ignore[no-untyped-call]

    async def read_response(self, *args: Any, **options: Any) -> Any:
        try:
            return await super().read_response(*args, **options)
        except redis.ReadOnlyError:
            await self.disconnect(nowait=True)
            raise redis.ConnectionError("the master has become a replica") from None


class TlsMasterConnection(MasterConnection, SSLConnection):
    """The same over TLS."""


class AsyncSentinelClient(AsyncClient):
    """For one event loop; as AsyncClient. pool: of MasterConnections."""

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        try:
            return await super().execute_command(*args, **options)
        except (redis.ConnectionError, redis.TimeoutError):
            # The master may be gone, and then every idle connection leads nowhere: a machine that lost its power
            # closes none of them.
            await self.drop_idle()
            raise
