"""Refuses a body that is too large before Django spools it."""

from collections.abc import Awaitable, Callable

from recognition.intake.body import Message, Receive, Scope, Send, too_large
from recognition.intake.problems import Problem
from recognition.intake.replies import problem

Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class BodyLimit:
    """An ASGI guard: by Content-Length where it is given, else by counting what comes."""

    def __init__(self, application: Application, limit_bytes: int) -> None:
        self._application = application
        self._limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = dict(scope["headers"]).get(b"content-length", b"")
        if length.isdigit() and int(length) > self._limit_bytes:
            await self._refuse(send)
            return
        size = 0
        started = False

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self._limit_bytes:
                raise too_large(self._limit_bytes)
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._application(scope, counted, noted)
        except Problem:
            if started:
                raise
            await self._refuse(send)

    async def _refuse(self, send: Send) -> None:
        reply = problem(too_large(self._limit_bytes))
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(reply.body)).encode()),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})
