"""Browsers that cost little: websockets over plain sockets (RFC 6455), without compression."""

import asyncio
import base64
import os
from collections.abc import Callable
from typing import cast

from benchmarks.drivers.uploads import HOST
from benchmarks.processes import BenchmarkFailed

OPEN_TIMEOUT_S = 20.0
_END = b"\r\n\r\n"
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10

OnText = Callable[[bytes], None]


class Browser(asyncio.Protocol):
    """One websocket; `on_text` is given each text message. `opened` ends when the server has agreed to it."""

    def __init__(self, path: str, session: str, port: int, on_text: OnText) -> None:
        self._handshake = _handshake(path, session, port)
        self._on_text = on_text
        self._buffer = b""
        self._transport: asyncio.Transport
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop has its own class
        self._transport.write(self._handshake)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        if not self.opened.done():
            self._read_handshake()
        if self.opened.done():
            self._read_frames()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(BenchmarkFailed("a websocket was refused"))

    def close(self) -> None:
        self._transport.close()

    def _read_handshake(self) -> None:
        head, end, rest = self._buffer.partition(_END)
        if not end:
            return
        if head.startswith(b"HTTP/1.1 101"):
            self.opened.set_result(None)
        else:
            self.opened.set_exception(BenchmarkFailed(f"a websocket was answered {head[:200].decode()}"))
        self._buffer = rest

    def _read_frames(self) -> None:
        buffer = self._buffer
        at = 0
        while (frame := _frame(buffer, at)) is not None:
            kind, start, at = frame
            if kind == _TEXT:
                self._on_text(buffer[start:at])
            elif kind == _PING:
                self._pong(buffer[start:at])
            elif kind == _CLOSE:
                raise BenchmarkFailed(f"the server has closed a websocket: {buffer[start:at]!r}")
        self._buffer = buffer[at:]

    def _pong(self, payload: bytes) -> None:
        # A client's frames are masked; a mask of zeros leaves the payload as it is.
        self._transport.write(bytes((0x80 | _PONG, 0x80 | len(payload), 0, 0, 0, 0)) + payload)


async def opened(path: str, session: str, port: int, on_text: OnText) -> Browser:
    loop = asyncio.get_running_loop()
    _, browser = await loop.create_connection(lambda: Browser(path, session, port, on_text), HOST, port)
    try:
        await asyncio.wait_for(browser.opened, OPEN_TIMEOUT_S)
    except TimeoutError:
        raise BenchmarkFailed("a websocket was not opened in time") from None
    return browser


def _frame(buffer: bytes, at: int) -> tuple[int, int, int] | None:
    """Kind, start and end of the frame at `at`; None if not all of it has come. Servers send no fragments."""
    if len(buffer) < at + 2:
        return None
    kind, length, start = buffer[at] & 0x0F, buffer[at + 1] & 0x7F, at + 2
    if length > 125:
        start += 2 if length == 126 else 8
        length = int.from_bytes(buffer[at + 2 : start])
    end = start + length
    return (kind, start, end) if len(buffer) >= max(end, start) else None


def _handshake(path: str, session: str, port: int) -> bytes:
    lines = (
        f"GET {path} HTTP/1.1",
        f"host: {HOST}:{port}",
        f"origin: http://{HOST}:{port}",
        "connection: Upgrade",
        "upgrade: websocket",
        "sec-websocket-version: 13",
        f"sec-websocket-key: {base64.b64encode(os.urandom(16)).decode()}",
        f"cookie: sessionid={session}",
    )
    return "\r\n".join(lines).encode() + _END
