"""redis-py's asyncio client with a shorter way for single commands, on which the upload route lives.

redis-py takes a lock for the pool, arms a timer each for taking a connection, writing and reading, and packs in small
steps: more than half of what a command costs. Here one deadline spans all of it. Pipelines and subscriptions go
redis-py's own way.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import redis
import redis.asyncio

Argument = bytes | str | int | float
Converse = Callable[[Any, tuple[Argument, ...]], Awaitable[Any]]


class AsyncClient(redis.asyncio.Redis):
    """For one event loop. Callers beyond `max_connections` wait; nothing is sent twice.

    A command raises redis.TimeoutError when its reply, waiting included, takes longer than `reply_timeout_s`.
    converse: sends a command on a connection and reads its reply; may be replaced by one that asks for more.
    """

    def __init__(self, pool: redis.asyncio.ConnectionPool, reply_timeout_s: float) -> None:
        super().__init__(connection_pool=pool)
        self._reply_timeout_s = reply_timeout_s
        self._free = asyncio.Semaphore(pool.max_connections)
        self._idle: list[Any] = []
        self.converse: Converse = converse
        # The deadline is the whole command's: the connection needs none of its own.
        self._options = {**pool.connection_kwargs, "socket_timeout": None}

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        try:
            async with asyncio.timeout(self._reply_timeout_s), self._free:
                reply = await self._exchange(args)
        except TimeoutError:
            raise redis.TimeoutError(f"no reply within {self._reply_timeout_s:g} s") from None
        options.pop("keys", None)  # for redis-py's client-side cache
        callback = self.response_callbacks.get(args[0])
        return reply if callback is None else callback(reply, **options)

    async def drop_idle(self) -> None:
        """Closes the connections that nobody uses right now; its own before it may be cancelled."""
        while self._idle:
            await self._idle.pop().disconnect(nowait=True)
        await self.connection_pool.disconnect(inuse_connections=False)

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        while self._idle:
            await self._idle.pop().disconnect()
        await super().aclose(close_connection_pool)

    async def _exchange(self, args: tuple[Argument, ...]) -> Any:
        connection = self._idle.pop() if self._idle else self.connection_pool.connection_class(**self._options)
        try:
            await _make_ready(connection)
            reply = await self.converse(connection, args)
        except redis.ResponseError:
            self._idle.append(connection)
            raise
        except BaseException:  # a reply may still be under way on it
            await connection.disconnect(nowait=True)
            raise
        self._idle.append(connection)
        return reply


async def converse(connection: Any, args: tuple[Argument, ...]) -> Any:
    await connection.send_packed_command(packed(args), check_health=False)
    return await connection.read_response()


async def _make_ready(connection: Any) -> None:
    """A connection that has data waiting was closed by the server while it was idle."""
    if connection.is_connected and await connection.can_read():
        await connection.disconnect(nowait=True)
    if not connection.is_connected:
        await connection.connect()


def packed(args: tuple[Argument, ...]) -> bytes:
    """The command on the wire. redis-py names some commands with two words, such as SCRIPT LOAD."""
    name, *rest = args
    words = [*str(name).split(" "), *rest]
    parts = [b"*%d" % len(words)]
    for word in words:
        data = word if isinstance(word, bytes) else str(word).encode()
        parts += (b"$%d" % len(data), data)
    parts.append(b"")
    return b"\r\n".join(parts)
