"""A load generator that costs little: HTTP/1.1 keep-alive over plain sockets, the next request upon each reply."""

import asyncio
from collections.abc import Callable, Sequence
from typing import cast

from benchmarks.meter import Meter
from benchmarks.processes import BenchmarkFailed

HOST = "127.0.0.1"
REPLY_TIMEOUT_S = 20.0
WARM_UP_S = 0.4
_END = b"\r\n\r\n"
_LENGTH = b"content-length: "

MakeRequest = Callable[[], bytes]


def request(path: str, token: str, photo: bytes) -> bytes:
    lines = (
        f"POST {path} HTTP/1.1",
        f"host: {HOST}",
        f"authorization: Bearer {token}",
        "content-type: image/jpeg",
        f"content-length: {len(photo)}",
    )
    return "\r\n".join(lines).encode() + _END + photo


class Uploader(asyncio.Protocol):
    """One connection. `post` sends a request and gives its reply's body; other statuses than `expected` are errors."""

    def __init__(self, expected: int) -> None:
        self._expected = b"HTTP/1.1 %d" % expected
        self._buffer = b""
        self._replied: asyncio.Future[bytes] | None = None
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop has its own class

    def post(self, request: bytes) -> "asyncio.Future[bytes]":
        self._replied = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._replied

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(_END)
        if end < 0:
            return
        start = self._buffer.index(_LENGTH) + len(_LENGTH)
        length = int(self._buffer[start : self._buffer.index(b"\r", start)])
        if len(self._buffer) < end + len(_END) + length:
            return
        whole, self._buffer = self._buffer, b""
        if self._replied is None or self._replied.done():
            return
        if whole.startswith(self._expected):
            self._replied.set_result(whole[end + len(_END) :])
        else:
            self._replied.set_exception(BenchmarkFailed(f"an upload was answered {whole[:400].decode()}"))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._replied is not None and not self._replied.done():
            self._replied.set_exception(BenchmarkFailed("the server has closed the connection"))

    def close(self) -> None:
        self._transport.close()


async def connected(port: int, expected: int) -> Uploader:
    _, uploader = await asyncio.get_running_loop().create_connection(lambda: Uploader(expected), HOST, port)
    return uploader


async def requests_per_s(
    port: int, expected: int, makers: Sequence[MakeRequest], lasts_s: float, meter: Meter
) -> float:
    """Replies per second over `lasts_s`, one connection for each of `makers`; the start does not count."""
    uploaders = [await connected(port, expected) for _ in makers]
    loop = asyncio.get_running_loop()
    loop.call_later(WARM_UP_S, meter.start)
    loop.call_later(WARM_UP_S + lasts_s, meter.stop)
    starts_at = loop.time() + WARM_UP_S
    ends_at = starts_at + lasts_s
    try:
        async with asyncio.timeout(WARM_UP_S + lasts_s + REPLY_TIMEOUT_S):
            pairs = zip(uploaders, makers, strict=True)
            counts = await asyncio.gather(*(_loop(one, make, starts_at, ends_at) for one, make in pairs))
    except TimeoutError:
        raise BenchmarkFailed("an upload was not answered") from None
    finally:
        for uploader in uploaders:
            uploader.close()
    return sum(counts) / lasts_s


async def _loop(uploader: Uploader, make: MakeRequest, starts_at: float, ends_at: float) -> int:
    now = asyncio.get_running_loop().time
    replies = 0
    while True:
        await uploader.post(make())
        at = now()
        if at > ends_at:
            return replies
        replies += at >= starts_at
