"""What a web process keeps for its event loop: the hub, the nodes, and who waits for an outcome."""

import asyncio
from dataclasses import dataclass
from weakref import WeakKeyDictionary, WeakSet

from django.conf import settings

from recognition.hub.ledger import Ledger
from recognition.hub.replicated import connect_replicated
from recognition.hub.sync import HUB_TIMEOUT_S
from recognition.intake.dispatch import Dispatcher
from recognition.intake.nodes import NodeDirectory
from recognition.live.endings import Endings
from recognition.live.listener import listener, stop_listening
from recognition.node.connections import Redis, connect_async


@dataclass(frozen=True, slots=True, weakref_slot=True)
class WebProcess:
    hub: Redis
    accepting: Redis
    ledger: Ledger
    nodes: NodeDirectory
    dispatcher: Dispatcher
    endings: Endings

    @classmethod
    def for_this_loop(cls) -> "WebProcess":
        hub = connect_async(settings.MALLVISION_HUB_URL, HUB_TIMEOUT_S)
        accepting = _accepting(hub)
        ledger = Ledger(hub, settings.MALLVISION_SCENE_REFRESH_S, accepting)
        nodes = NodeDirectory(hub)
        return cls(hub, accepting, ledger, nodes, Dispatcher(ledger, nodes), Endings(listener()))

    async def close(self) -> None:
        await self.nodes.close()
        for client in {self.hub, self.accepting}:
            await client.aclose()
            await client.connection_pool.disconnect()


def _accepting(hub: Redis) -> Redis:
    """Who accepts at the hub, as durably as it is set."""
    if settings.MALLVISION_HUB_DURABILITY != "replica":
        return hub
    return connect_replicated(settings.MALLVISION_HUB_URL, HUB_TIMEOUT_S)


_processes: "WeakKeyDictionary[asyncio.AbstractEventLoop, WebProcess]" = WeakKeyDictionary()

_kept: "WeakSet[asyncio.AbstractEventLoop]" = WeakSet()


def web_process() -> WebProcess:
    """The running event loop's own. Connections belong to the loop that made them."""
    loop = asyncio.get_running_loop()
    process = _processes.get(loop)
    if process is None:
        process = _processes[loop] = WebProcess.for_this_loop()
    return process


def keep_web_process() -> None:
    """Says that the running loop is a server's: what is opened on it stays open until `close_web_process`."""
    _kept.add(asyncio.get_running_loop())


async def close_web_process() -> None:
    """Closes what the running loop opened, before it ends."""
    loop = asyncio.get_running_loop()
    _kept.discard(loop)
    await stop_listening()
    if process := _processes.pop(loop, None):
        await process.close()


async def close_unless_kept() -> None:
    if asyncio.get_running_loop() not in _kept:
        await close_web_process()
