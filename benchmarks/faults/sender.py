"""Cameras that send on whatever happens, and count what became of each snapshot as far as they were told."""

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from benchmarks.drivers.uploads import HOST, request
from benchmarks.faults.photos import Photos

PATH = "/api/v1/snapshots"
PER_S = 64
REPLY_TIMEOUT_S = 10.0
RECONNECT_PAUSE_S = 0.05
NO_REPLY = 0


@dataclass(slots=True)
class Sent:
    """A snapshot of which at least the first byte was sent, at `at_s` (CLOCK_MONOTONIC).

    status: of its reply; NO_REPLY when the connection broke, so that it may or may not have been accepted.
    """

    at_s: float
    status: int | None = None
    snapshot: str = ""

    @property
    def accepted(self) -> bool:
        return self.status in (200, 202)

    @property
    def refused(self) -> bool:
        return self.status == 503

    @property
    def unknown(self) -> bool:
        return self.status is not None and not self.accepted and not self.refused


@dataclass(slots=True)
class Sender:
    """One connection for each camera's token and web process; a connection that breaks is made to the next one."""

    ports: Sequence[int]
    tokens: Sequence[str]
    sent: list[Sent] = field(default_factory=list)
    _photos: Photos = field(default_factory=Photos)
    _stopping: bool = False

    def stop(self) -> None:
        """`run` returns once the replies that are awaited have come."""
        self._stopping = True

    async def run(self) -> None:
        """PER_S snapshots a second."""
        pairs = [(token, place) for place in range(len(self.ports)) for token in self.tokens]
        every_s = len(pairs) / PER_S
        async with asyncio.TaskGroup() as group:
            for number, (token, place) in enumerate(pairs):
                group.create_task(self._camera(token, place, every_s, number / PER_S))

    async def _camera(self, token: str, place: int, every_s: float, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        while not self._stopping:
            port = self.ports[place % len(self.ports)]
            place += 1
            with suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                await self._over_one_connection(port, token, every_s)
            await asyncio.sleep(RECONNECT_PAUSE_S)

    async def _over_one_connection(self, port: int, token: str, every_s: float) -> None:
        reader, writer = await asyncio.open_connection(HOST, port)
        try:
            while not self._stopping:
                ends_at = time.monotonic() + every_s
                await self._send(reader, writer, request(PATH, token, self._photos.next()))
                await asyncio.sleep(max(0.0, ends_at - time.monotonic()))
        finally:
            writer.close()

    async def _send(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, message: bytes) -> None:
        sent = Sent(time.monotonic())
        self.sent.append(sent)
        try:
            async with asyncio.timeout(REPLY_TIMEOUT_S):
                writer.write(message)
                sent.status, body = await _reply(reader)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            sent.status = NO_REPLY
            raise
        if sent.accepted:
            sent.snapshot = json.loads(body)["id"]


async def _reply(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    length = next(int(line.removeprefix("content-length:")) for line in lines if line.startswith("content-length:"))
    return int(lines[0].split(" ")[1]), await reader.readexactly(length)
