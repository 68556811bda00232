"""Accepting only what a second machine has too (`MALLVISION_HUB_DURABILITY=replica`)."""

from typing import Any

import redis

from recognition.node.async_client import Argument, packed
from recognition.node.connections import Redis, connect_async

WAIT_MS = 1_000

_WAIT = packed(("WAIT", 1, WAIT_MS))


class NotReplicatedError(redis.RedisError):
    """The hub has done what it was told, but no replica has said in time that it knows."""


def connect_replicated(url: str, reply_timeout_s: float) -> Redis:
    """An asynchronous client each of whose commands counts as answered once a replica of the server has it too.

    Its commands raise NotReplicatedError beside what those of `connect_async` raise.
    """
    client = connect_async(url, reply_timeout_s)
    client.converse = _converse
    return client


async def _converse(connection: Any, args: tuple[Argument, ...]) -> Any:
    # WAIT speaks of what its own connection has written, so it goes with the command.
    await connection.send_packed_command(packed(args) + _WAIT, check_health=False)
    try:
        reply = await connection.read_response()
    except redis.ResponseError:
        await connection.read_response()
        raise
    if await connection.read_response() < 1:
        raise NotReplicatedError(f"no replica has confirmed within {WAIT_MS} ms")
    return reply
