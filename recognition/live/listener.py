"""A web process's one subscription to the channel layer, and the sockets and waiters it serves."""

import asyncio
import logging
from typing import Any
from weakref import WeakKeyDictionary

import redis
from channels.layers import get_channel_layer

from recognition.live.fanout import Socket
from recognition.live.messages import GROUP, LiveBatch, LiveStatus

RESUBSCRIBE_PAUSE_S = 1.0
SUBSCRIBE_TIMEOUT_S = 2.0

log = logging.getLogger(__name__)


class Listener:
    """Hands each published message on: texts to the sockets that may see them, endings to those who wait.

    Publishing is only a hint. Who waits also looks for itself, and browsers catch up by event number.
    """

    def __init__(self) -> None:
        self.sockets: set[Socket] = set()
        self.waiters: dict[str, set[asyncio.Future[None]]] = {}
        self.registry_epoch = 0
        self._task: asyncio.Task[None] | None = None
        self._subscribed = asyncio.Event()

    async def subscribed(self) -> None:
        """Returns once the subscription stands; what is published from then on arrives. Gives up after 2 s."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())
        try:
            async with asyncio.timeout(SUBSCRIBE_TIMEOUT_S):
                await self._subscribed.wait()
        except TimeoutError:
            log.warning("the live subscription does not stand yet")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await get_channel_layer().flush()

    async def _listen(self) -> None:
        while True:
            try:
                await self._receive()
            except (redis.RedisError, OSError) as error:
                log.warning("the live subscription broke, making it anew: %s", error)
            except Exception:
                log.exception("a live message could not be handed on")
            self._subscribed.clear()
            await asyncio.sleep(RESUBSCRIBE_PAUSE_S)

    async def _receive(self) -> None:
        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(GROUP, channel)
        self._subscribed.set()
        while True:
            self._hand_on(await layer.receive(channel))

    def _hand_on(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "live.batch":
                self._hand_on_batch(message)  # type: ignore[arg-type]
            case "live.status":
                self._hand_on_status(message)  # type: ignore[arg-type]
            case other:
                log.error("nobody knows live messages of type %s", other)

    def _hand_on_batch(self, batch: LiveBatch) -> None:
        for group, text in batch["parts"]:
            self._write(group, text)
        for snapshot in batch["ended"]:
            for waiter in self.waiters.pop(snapshot, ()):
                if not waiter.done():
                    waiter.set_result(None)

    def _hand_on_status(self, status: LiveStatus) -> None:
        self._write(0, status["text"])
        self.registry_epoch = status["registry"]

    def _write(self, group: int, text: str) -> None:
        for socket in tuple(self.sockets):
            if socket.sees(group):
                socket.write(text)


_listeners: "WeakKeyDictionary[asyncio.AbstractEventLoop, Listener]" = WeakKeyDictionary()


def listener() -> Listener:
    """The running event loop's own."""
    loop = asyncio.get_running_loop()
    if loop not in _listeners:
        _listeners[loop] = Listener()
    return _listeners[loop]


async def stop_listening() -> None:
    """Ends the running loop's subscription, before the loop ends."""
    if live := _listeners.pop(asyncio.get_running_loop(), None):
        await live.stop()
