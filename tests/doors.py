"""Doors before servers that speak no TLS: they end it, and pass on what is in it."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from tests.certificates import Certificates

HOST = "127.0.0.1"
FIRST_OF_TLS = b"\x16"  # a handshake's first byte; no command of Redis begins so
READ_BYTES = 65536

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Doors:
    """All run in one thread until `close`."""

    def __init__(self) -> None:
        self._only_tls = True
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="doors")
        self._thread.start()

    def open(self, port: int, server_port: int, certificates: Certificates, wants_certificate: bool) -> None:
        """From now on `port` leads to the server."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(certificates.authority))
        context.load_cert_chain(certificates.certificate, certificates.key)
        context.verify_mode = ssl.CERT_REQUIRED if wants_certificate else ssl.CERT_NONE
        listening = socket.create_server((HOST, port), backlog=64)
        listening.settimeout(0)
        self._call(self._start(self._accept(listening, context, server_port)))

    @contextmanager
    def for_all(self) -> Iterator[None]:
        """Connections without TLS are let through too, if they are made now: those of servers among themselves."""
        self._only_tls = False
        try:
            yield
        finally:
            self._only_tls = True

    def close(self) -> None:
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, listening: socket.socket, context: ssl.SSLContext, server_port: int) -> None:
        with listening:
            while True:
                connection, _address = await self._loop.sock_accept(listening)
                await self._start(self._serve(connection, context, server_port))

    async def _serve(self, connection: socket.socket, context: ssl.SSLContext, server_port: int) -> None:
        """Ends with either side, with a handshake that fails, and when the server is not there."""
        with connection, ExitStack() as stack, suppress(OSError):
            await self._until_readable(connection)
            is_tls = connection.recv(1, socket.MSG_PEEK) == FIRST_OF_TLS
            if self._only_tls and not is_tls:
                return
            server = await asyncio.open_connection(HOST, server_port)
            stack.callback(server[1].transport.abort)
            client = await self._streams(connection, context if is_tls else None)
            stack.callback(client[1].transport.abort)
            await _joined(client, server)

    async def _until_readable(self, connection: socket.socket) -> None:
        readable = self._loop.create_future()
        self._loop.add_reader(connection, readable.set_result, None)
        try:
            await readable
        finally:
            self._loop.remove_reader(connection)

    async def _streams(self, connection: socket.socket, context: ssl.SSLContext | None) -> Streams:
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await self._loop.connect_accepted_socket(lambda: protocol, connection, ssl=context)
        return reader, asyncio.StreamWriter(transport, protocol, reader, self._loop)


async def _joined(one: Streams, other: Streams) -> None:
    ways = [asyncio.create_task(_pass_on(one[0], other[1])), asyncio.create_task(_pass_on(other[0], one[1]))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(READ_BYTES):
        writer.write(data)
        await writer.drain()
