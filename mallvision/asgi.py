"""The web process: the snapshot route, Django beside it, and the websocket."""

import os
from typing import cast

import django
from channels.auth import AuthMiddlewareStack
from channels.security.websocket import AllowedHostsOriginValidator

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mallvision.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402 (what follows needs Django to be set up)
from django.core.handlers.asgi import ASGIHandler  # noqa: E402

from mallvision.body_limit import Application, BodyLimit  # noqa: E402
from recognition.intake.body import Message, Receive, Scope, Send  # noqa: E402
from recognition.intake.process import close_web_process, keep_web_process  # noqa: E402
from recognition.intake.snapshots import PATH, snapshots  # noqa: E402
from recognition.intake.upload import MULTIPART_OVERHEAD_BYTES  # noqa: E402
from recognition.live.consumers import SERVER_SEND  # noqa: E402
from recognition.live.routing import websockets  # noqa: E402

_pages = BodyLimit(cast(Application, ASGIHandler()), settings.PHOTO_LIMIT_BYTES + MULTIPART_OVERHEAD_BYTES)
_websockets = AllowedHostsOriginValidator(AuthMiddlewareStack(websockets))


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await (snapshots if scope["path"] == PATH else _pages)(scope, receive, send)
    elif scope["type"] == "websocket":
        await _websockets({**scope, SERVER_SEND: send}, receive, send)
    elif scope["type"] == "lifespan":
        await _live(receive, send)


async def _live(receive: Receive, send: Send) -> None:
    message: Message = await receive()
    assert message["type"] == "lifespan.startup", message  # noqa: S101 (the ASGI specification says so)
    keep_web_process()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await close_web_process()
    await send({"type": "lifespan.shutdown.complete"})
