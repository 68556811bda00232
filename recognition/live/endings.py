"""Waiting for the outcome of a snapshot."""

import asyncio

from cameras.database import in_database_thread
from recognition.live.listener import Listener
from recognition.sightings.models import Outcome

LOOK_EVERY_S = 1.0  # in case the announcement was lost


@in_database_thread
def _outcome(snapshot: str) -> Outcome | None:
    return Outcome.objects.select_related("node").filter(snapshot=snapshot).first()


class Endings:
    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    async def wait(self, snapshot: str, timeout_s: float) -> Outcome | None:
        """The snapshot's outcome once it is recorded; None if that takes longer than `timeout_s`."""
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + timeout_s
        told: asyncio.Future[None] = loop.create_future()
        self._listener.waiters.setdefault(snapshot, set()).add(told)
        try:
            await self._listener.subscribed()
            while (outcome := await _outcome(snapshot)) is None and (left_s := ends_at - loop.time()) > 0:
                await asyncio.wait((told,), timeout=min(LOOK_EVERY_S, left_s))
            return outcome
        finally:
            self._forget(snapshot, told)

    def _forget(self, snapshot: str, told: asyncio.Future[None]) -> None:
        waiting = self._listener.waiters.get(snapshot, set())
        waiting.discard(told)
        if not waiting:
            self._listener.waiters.pop(snapshot, None)
