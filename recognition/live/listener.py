"""A web process's one subscription to the channel layer, and the sockets and waiters it serves."""

import asyncio
import logging
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

import redis
from channels.layers import get_channel_layer

from recognition.live.fanout import Socket
from recognition.live.messages import GROUP, LiveBatch, LiveStatus
from recognition.node.trouble import Trouble

RESUBSCRIBE_PAUSE_S = 1.0
SUBSCRIBE_TIMEOUT_S = 2.0
SILENT_AFTER_S = 10.0  # the monitor tells its figures each second: a connection that is quiet so long is dead

log = logging.getLogger(__name__)


class Listener:
    """Hands each published message on: texts to the sockets that may see them, endings to those who wait.

    Publishing is only a hint. Who waits also looks for itself, and browsers catch up by event number.
    turn: moves on whenever what a browser was told may no longer hold: greet it anew.
    """

    def __init__(self) -> None:
        self.sockets: set[Socket] = set()
        self.waiters: dict[str, set[asyncio.Future[None]]] = {}
        self.turn = 0
        self._epochs = (0, 0)  # of registry and gallery
        self._trouble = Trouble("the live subscription", log)
        self._task: asyncio.Task[None] | None = None
        self._subscribed = asyncio.Event()
        self._missed = False

    async def subscribed(self) -> None:
        """Returns once the subscription stands; what is published from then on arrives. Gives up after 2 s."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())
        with suppress(TimeoutError):  # the task says so, once, and goes on trying
            async with asyncio.timeout(SUBSCRIBE_TIMEOUT_S):
                await self._subscribed.wait()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await _flush()

    async def _listen(self) -> None:
        while True:
            pause_s = RESUBSCRIBE_PAUSE_S
            try:
                await self._receive()
            except TimeoutError as error:
                self._trouble.note(error)
                pause_s = 0.0
            except (redis.RedisError, OSError) as error:
                self._trouble.note(error)
            except Exception:
                log.exception("a live message could not be handed on")
            self._subscribed.clear()
            self._missed = True  # what is published from now on, until the subscription stands again
            self._greet_anew()
            await _flush()
            await asyncio.sleep(pause_s)

    async def _receive(self) -> None:
        layer = get_channel_layer()
        async with asyncio.timeout(SUBSCRIBE_TIMEOUT_S):
            channel = await layer.new_channel()
            await layer.group_add(GROUP, channel)
        self._subscribed.set()
        if self._missed:
            self._greet_anew()
        while True:
            async with asyncio.timeout(SILENT_AFTER_S):
                message = await layer.receive(channel)
            self._trouble.note(None)
            self._hand_on(message)

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
        epochs = (status["registry"], status["gallery"])
        if epochs != self._epochs:
            self._epochs = epochs
            self._greet_anew()
        self._write(0, status["text"])

    def _greet_anew(self) -> None:
        """What still waits for slow browsers may name someone who has been erased: it is not told any more."""
        self.turn += 1
        for socket in self.sockets:
            socket.forget()

    def _write(self, group: int, text: str) -> None:
        for socket in tuple(self.sockets):
            if socket.sees(group):
                socket.write(text)


async def _flush() -> None:
    """Closes the channel layer's connections: a new subscription on a dead one would hear nothing either."""
    try:
        async with asyncio.timeout(SUBSCRIBE_TIMEOUT_S):
            await get_channel_layer().flush()
    except (redis.RedisError, OSError) as error:
        log.warning("the channel layer could not be closed: %s", type(error).__name__)


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
