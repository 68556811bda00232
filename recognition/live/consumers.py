"""The websocket of the wall. It relays; it does not think."""

import asyncio
import logging
from typing import Any
from urllib.parse import parse_qs

from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth import get_user

from cameras.database import in_database_thread
from cameras.roles import Right
from cameras.scope import Scope
from recognition.live.fanout import Socket
from recognition.live.listener import listener
from recognition.live.messages import as_text
from recognition.live.state import hello

CHECK_RIGHTS_EVERY_S = 5.0
FORBIDDEN = 4403
TOO_SLOW = 4408
SERVER_ERROR = 1011

log = logging.getLogger(__name__)

# Where the scope keeps the server's own send. Channels wraps it to save sessions, which a message of ours never needs
# and which costs as much as writing it.
SERVER_SEND = "mallvision.server_send"


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no types
    """`/ws/live?since=NUMBER`. Rights are looked at when it opens and every few seconds from then on."""

    # No channel of its own: the listener is the process's one subscription. Channels would make one for each browser,
    # and answer with 500 while the hub is down.
    channel_layer_alias = "none"
    socket: Socket | None = None
    _turn = -1  # the listener's when this browser was greeted last
    _checks: "asyncio.Task[None] | None" = None

    async def connect(self) -> None:
        await self.accept()
        rights = await _rights(self.scope["session"])
        if rights is None:
            # A refused handshake would tell the page nothing; a close code does.
            await self.close(code=FORBIDDEN)
            return
        live = listener()
        await live.subscribed()
        self.socket = Socket(self.scope[SERVER_SEND], rights, self._drop)
        # Added before the state is read: what happens meanwhile is told twice rather than never.
        live.sockets.add(self.socket)
        await self._greet(self._since())
        self._checks = asyncio.create_task(self._check_rights())

    async def disconnect(self, code: int) -> None:
        if self._checks is not None:
            self._checks.cancel()
        if self.socket is not None:
            listener().sockets.discard(self.socket)
            self.socket.close()

    async def _greet(self, since: int | None) -> None:
        if self.socket is not None:
            self._turn = listener().turn  # read before the state: if it moves on meanwhile, one more greeting follows
            state = await in_database_thread(_hello)(self.scope["session"], since)
            self.socket.write(as_text("hello", **state))

    async def _check_rights(self) -> None:
        """Takes back what is no longer allowed, and tells of new cameras. Never leaves rights unchecked."""
        try:
            while self.socket is not None:
                await asyncio.sleep(CHECK_RIGHTS_EVERY_S)
                rights = await _rights(self.scope["session"])
                if rights is None:
                    await self.close(code=FORBIDDEN)
                    return
                if rights != self.socket.group_ids or self._turn != listener().turn:
                    self.socket.group_ids = rights
                    await self._greet(None)
        except Exception:
            log.exception("the rights of an open wall could not be checked")
            await self.close(code=SERVER_ERROR)

    async def _drop(self) -> None:
        await self.close(code=TOO_SLOW)

    def _since(self) -> int | None:
        value = parse_qs(self.scope["query_string"].decode("latin-1")).get("since", [""])[-1]
        return int(value) if value.isdigit() and value.isascii() and len(value) < 19 else None


class _Request:
    """What `get_user` looks at."""

    def __init__(self, session: Any) -> None:
        self.session = session


def _current_scope(session: Any) -> Scope:
    """The scope of whoever the session belongs to now: someone may have signed out, or lost a right."""
    fresh = session.__class__(session.session_key)  # it is lazy: its type is not its class
    return Scope(get_user(_Request(fresh)))  # type: ignore[arg-type]


@in_database_thread
def _rights(session: Any) -> frozenset[int] | None:
    """The camera groups in sight; None for who may not watch."""
    scope = _current_scope(session)
    return scope.group_ids if scope.may(Right.WATCH) else None


def _hello(session: Any, since: int | None) -> dict[str, Any]:
    return dict(hello(_current_scope(session), since))
