"""One reader per process that writes what is published straight to its websockets. No Channels, no rights."""

import asyncio
import os
from typing import Any

import redis.asyncio

from recognition.intake.body import Receive, Scope, Send

CHANNEL = "benchmark-push"

_sends: set[Send] = set()
_readers: "list[asyncio.Task[None]]" = []


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    if not _readers:
        _readers.append(asyncio.create_task(_read()))
    _sends.add(send)
    await send({"type": "websocket.send", "text": '{"kind":"hello"}'})
    while (await receive())["type"] != "websocket.disconnect":
        pass
    _sends.discard(send)


async def _read() -> None:
    client: Any = redis.asyncio.Redis.from_url(os.environ["MALLVISION_HUB_URL"], protocol=2, socket_timeout=None)
    subscription = client.pubsub(ignore_subscribe_messages=True)
    await subscription.subscribe(CHANNEL)
    async for message in subscription.listen():
        text = message["data"].decode()
        for send in tuple(_sends):
            await send({"type": "websocket.send", "text": text})
