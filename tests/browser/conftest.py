"""The product served to a real Chromium. Runs in a pytest process of its own: `make test-browser`."""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's sync API keeps a loop running in the main thread

import pytest
import uvicorn
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from mallvision.asgi import application
from recognition.live.messages import GROUP, as_text
from tests.mall import Mall

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
# A browser run by root in a container has no sandbox and little shared memory; it need not call home either.
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking")

Publish = Callable[..., None]

# Django's ASGI handler leaves the file it spools a body into to the garbage collector.
SPOOLED = "ignore:.*SpooledTemporaryFile:pytest.PytestUnraisableExceptionWarning"
# WhiteNoise streams files with a synchronous iterator.
STREAMED = "ignore:StreamingHttpResponse must consume synchronous iterators:Warning"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("browser"):
            for what in (SPOOLED, STREAMED):
                item.add_marker(pytest.mark.filterwarnings(what))


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: install one, or set CHROMIUM to its path")
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
    yield started
    started.close()


@pytest.fixture
def address(mall: Mall) -> Iterator[str]:
    config = uvicorn.Config(application, host="127.0.0.1", port=0, log_level="warning", ws="websockets-sansio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(15)


@pytest.fixture
def context(browser: Browser, address: str, mall: Mall) -> Iterator[BrowserContext]:
    """A browser in which an administrator is signed in."""
    client = Client()
    client.force_login(User.objects.create_superuser("admin", "", "right"))
    opened = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900})
    opened.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}])
    yield opened
    opened.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser wrote to its console as an error: a broken content policy, a script that failed."""
    return []


@pytest.fixture
def page(context: BrowserContext, complaints: list[str]) -> Page:
    opened = context.new_page()
    opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    return opened


@pytest.fixture
def publish(mall: Mall) -> Publish:
    """Tells every browser that sees the mall's group."""

    def send(kind: str, **content: object) -> None:
        message = {"type": "live.batch", "parts": [(mall.group.pk, as_text(kind, **content))], "ended": []}
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(async_to_sync(get_channel_layer().group_send), GROUP, message).result(10)

    return send
