"""Writing one message to many sockets, none of which can hold up the others."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from types import coroutine
from typing import Any

MOST_WAITING = 200

GONE = (OSError, RuntimeError)  # what ASGI servers raise for a connection that is no more

Send = Callable[[dict[str, str]], Coroutine[Any, Any, None]]


class Socket:
    """A browser's websocket: what it may see, and what waits to be written to it.

    group_ids: the camera groups it may see. drop: called once when it falls too far behind; the
    browser then connects again and fills the gap by event number.
    """

    def __init__(self, send: Send, group_ids: frozenset[int], drop: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self.group_ids = group_ids
        self._send = send
        self._drop = drop
        self._waiting: deque[str] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._dropping: asyncio.Task[None] | None = None
        self._closed = False

    def sees(self, group: int) -> bool:
        """Group 0 is for everyone."""
        return not group or group in self.group_ids

    def write(self, text: str) -> None:
        """Writes at once when the connection takes it, else as soon as it does."""
        if self._writer is not None:
            self._write_later(text)
        elif not self._closed:
            sending = self._send({"type": "websocket.send", "text": text})
            try:
                blocked_by = sending.send(None)
            except StopIteration:
                return
            except GONE:
                self.close()
                return
            self._writer = asyncio.create_task(self._write_on(_rest_of(sending, blocked_by)))

    def forget(self) -> None:
        """What waits is not written any more."""
        self._waiting.clear()

    def close(self) -> None:
        """Nothing more is written."""
        self._closed = True
        self._waiting.clear()
        if self._writer is not None:
            self._writer.cancel()

    def _write_later(self, text: str) -> None:
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(text)
        elif not self._closed:
            self.close()
            self._dropping = asyncio.create_task(self._drop())

    async def _write_on(self, first: Coroutine[Any, Any, None]) -> None:
        try:
            await first
            while self._waiting:
                await self._send({"type": "websocket.send", "text": self._waiting.popleft()})
            self._writer = None
        except GONE:
            self.close()


@coroutine
def _rest_of(started: Coroutine[Any, Any, None], blocked_by: Any) -> Generator[Any, Any, None]:
    """The rest of a coroutine that was started by hand and waits for `blocked_by`.

    Python 3.12 has eager tasks for this: most writes never wait, and a task for each would cost as much as the write.
    """
    while True:
        try:
            got = yield blocked_by
        except BaseException as error:  # noqa: BLE001 (a cancellation is passed on too)
            try:
                blocked_by = started.throw(error)
            except StopIteration:
                return
        else:
            try:
                blocked_by = started.send(got)
            except StopIteration:
                return
