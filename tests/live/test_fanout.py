"""Writing to many sockets at once."""

import asyncio
from typing import Any

from recognition.live.fanout import MOST_WAITING, Socket


class Browser:
    """The far end of a socket; reads only while `reading` is set."""

    def __init__(self) -> None:
        self.read: list[str] = []
        self.reading = asyncio.Event()
        self.reading.set()
        self.dropped = asyncio.Event()
        self.socket = Socket(self._send, frozenset({1}), self._drop)

    async def _send(self, message: dict[str, Any]) -> None:
        await self.reading.wait()
        self.read.append(message["text"])

    async def _drop(self) -> None:
        self.dropped.set()


async def turns() -> None:
    """Lets every task run as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_browser_that_reads_is_written_to_at_once() -> None:
    browser = Browser()
    browser.socket.write("one")
    assert browser.read == ["one"]


async def test_a_slow_browser_gets_everything_in_order_later() -> None:
    browser = Browser()
    browser.reading.clear()
    for text in ("one", "two", "three"):
        browser.socket.write(text)
    assert browser.read == []
    browser.reading.set()
    await turns()
    assert browser.read == ["one", "two", "three"]


async def test_after_catching_up_it_is_written_to_at_once_again() -> None:
    browser = Browser()
    browser.reading.clear()
    browser.socket.write("one")
    browser.reading.set()
    await turns()
    browser.socket.write("two")
    assert browser.read == ["one", "two"]


async def test_a_browser_that_stops_reading_is_dropped() -> None:
    browser = Browser()
    browser.reading.clear()
    for number in range(MOST_WAITING + 2):
        browser.socket.write(str(number))
    await asyncio.wait_for(browser.dropped.wait(), 10)


async def test_a_closed_socket_writes_no_more() -> None:
    browser = Browser()
    browser.reading.clear()
    browser.socket.write("one")
    browser.socket.close()
    await turns()
    browser.reading.set()
    await turns()
    assert browser.read == []


async def test_only_those_in_scope_see_a_group() -> None:
    socket = Browser().socket
    assert (socket.sees(0), socket.sees(1), socket.sees(2)) == (True, True, False)


async def test_a_connection_that_is_gone_is_written_to_no_more() -> None:
    tried = 0

    async def send(message: dict[str, Any]) -> None:
        nonlocal tried
        tried += 1
        raise ConnectionResetError

    socket = Socket(send, frozenset(), Browser()._drop)
    socket.write("one")
    socket.write("two")
    assert tried == 1
