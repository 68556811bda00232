"""Refuses a body that is too large, or too slow in coming, before Django spools it."""

import asyncio
import re
from collections.abc import Awaitable, Callable

from recognition.intake.body import Incoming, Message, Receive, Scope, Send
from recognition.intake.problems import Problem
from recognition.intake.replies import problem

Application = Callable[[Scope, Receive, Send], Awaitable[None]]

FORM_LIMIT_BYTES = 100_000
READ_TIMEOUT_S = 30.0

# Django reads the whole body before it asks who sends it: no other page takes that much.
_TAKES_PHOTOS = re.compile(
    r"/upload|/api/v1/identify|/admin/people/template/add/|/people/\d+/faces|/api/v1/people/\d+/faces"
    r"|/people/import|/api/v1/imports|/api/v1/imports/\d+/(photos|pieces/\d+)"
)


class BodyLimit:
    """An ASGI guard: by Content-Length where it is given, else by counting what comes.

    photo_limit_bytes: for the pages that take a photo; all others take FORM_LIMIT_BYTES.
    """

    def __init__(self, application: Application, photo_limit_bytes: int) -> None:
        self._application = application
        self._photo_limit_bytes = photo_limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit_bytes = self._photo_limit_bytes if _TAKES_PHOTOS.fullmatch(scope["path"]) else FORM_LIMIT_BYTES
        length = dict(scope["headers"]).get(b"content-length", b"")
        incoming = Incoming(scope, receive)
        if length.isdigit() and int(length) > limit_bytes:
            await incoming.drain()
            await _refuse(send, _too_large(limit_bytes))
            return
        body = _Body(incoming.receive, limit_bytes)
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        await self._application(scope, body.receive, noted)
        if body.problem and not started:
            if body.problem.status != 408:
                await incoming.drain()
            await _refuse(send, body.problem)


class _Body:
    """A body on its way to the application, to which one that breaks a rule looks like a sender who has gone away.

    problem: the rule that was broken, as Problem 413 or 408.
    """

    def __init__(self, receive: Receive, limit_bytes: int) -> None:
        self.problem: Problem | None = None
        self._receive = receive
        self._limit_bytes = limit_bytes
        self._size_bytes = 0
        self._ends_at = asyncio.get_running_loop().time() + READ_TIMEOUT_S
        self._complete = False

    async def receive(self) -> Message:
        if self._complete:  # what follows is the disconnect, whenever that comes
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._ends_at):
                message = await self._receive()
        except TimeoutError:
            return self._refused(Problem(408, "The body did not arrive in time."))
        self._size_bytes += len(message.get("body", b""))
        if self._size_bytes > self._limit_bytes:
            return self._refused(_too_large(self._limit_bytes))
        self._complete = not message.get("more_body")
        return message

    def _refused(self, what: Problem) -> Message:
        self.problem = what
        return {"type": "http.disconnect"}


def _too_large(limit_bytes: int) -> Problem:
    return Problem(413, f"The body is too large: at most {limit_bytes / 1_000_000:.2g} MB are taken here.")


async def _refuse(send: Send, what: Problem) -> None:
    reply = problem(what)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(reply.body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
