"""Reading a request's body off the wire, no more of it and no longer than is allowed."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

from recognition.intake.problems import Problem

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

DRAIN_BYTES = 32_000_000
DRAIN_TIMEOUT_S = 3.0


class Disconnected(Exception):
    """The sender went away before the body had come."""


class Incoming:
    """A request's body on its way in; knows whether all of it has come."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        # Who asks first sends nothing before it is told to.
        self._is_held_back = any(name == b"expect" for name, _ in scope["headers"])
        self._complete = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._complete = not message.get("more_body")
        return message

    async def drain(self) -> None:
        """Reads off the rest, within bounds: many senders write everything before they read why it is refused."""
        if self._is_held_back:
            return
        size = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_TIMEOUT_S):
                while not self._complete and size < DRAIN_BYTES:
                    size += len((await self.receive()).get("body", b""))


async def read_body(receive: Receive, limit_bytes: int, timeout_s: float) -> bytes:
    """The whole body. Problem 413 once it is longer than allowed, 408 if it has not come in time."""
    message = await _next(receive, timeout_s)
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return _checked(body, limit_bytes)
    return await _read_on(receive, body, limit_bytes, timeout_s)


async def _read_on(receive: Receive, start: bytes, limit_bytes: int, timeout_s: float) -> bytes:
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + timeout_s
    chunks = [start]
    size = len(start)
    while True:
        message = await _next(receive, ends_at - loop.time())
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limit_bytes:
            raise too_large(limit_bytes)
        if not message.get("more_body"):
            return b"".join(chunks)


async def _next(receive: Receive, timeout_s: float) -> Message:
    try:
        async with asyncio.timeout(timeout_s):
            message = await receive()
    except TimeoutError:
        raise Problem(408, "The body did not arrive in time.") from None
    if message["type"] == "http.disconnect":
        raise Disconnected
    return message


def _checked(body: bytes, limit_bytes: int) -> bytes:
    if len(body) > limit_bytes:
        raise too_large(limit_bytes)
    return body


def too_large(limit_bytes: int) -> Problem:
    return Problem(413, f"The photo is too large: at most {limit_bytes / 1_000_000:g} MB are taken.")
