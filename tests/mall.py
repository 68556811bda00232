"""A small mall for tests: one group of cameras on three real nodes, and ways to make its parts work."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import connections

from cameras.models import Assignment, Camera, CameraGroup, Node
from cameras.tokens import issue_camera_token
from mallvision.asgi import application
from recognition.collector.collector import Collector
from recognition.node.connections import Redis, connect
from recognition.node.worker import Worker
from tests.recognizers import StubRecognizer

PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Mall:
    group: CameraGroup
    camera: Camera
    token: str
    nodes: list[Node]

    def redis_of(self, node: Node) -> Redis:
        return connect(node.address)


def build_mall(node_urls: list[str]) -> Mall:
    group = CameraGroup.objects.create(slug="entrance", name="Entrance")
    nodes = [Node.objects.create(name=f"node-{number}", address=url) for number, url in enumerate(node_urls, 1)]
    Assignment.objects.bulk_create(Assignment(group=group, node=node) for node in nodes)
    camera = Camera.objects.create(slug="gate-1", name="Gate 1", group=group)
    return Mall(group, camera, issue_camera_token(camera), nodes)


def eventually(is_true: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
    """What `is_true` returns once that is true. Fails when it does not come true in time."""
    ends_at = time.monotonic() + patience_s
    while not (found := is_true()):
        assert time.monotonic() < ends_at, "it did not come true in time"
        time.sleep(0.01)
    return found


@contextmanager
def in_thread(run: Callable[[], None], stop: Callable[[], None]) -> Iterator[None]:
    """Runs a part of the product beside the test, in a thread with database connections of its own."""
    failed: list[BaseException] = []

    def whole() -> None:
        try:
            run()
        except BaseException as error:  # noqa: BLE001 (told to the test below)
            failed.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=whole)
    thread.start()
    try:
        yield
    finally:
        stop()
        thread.join(PATIENCE_S)
    assert not failed, failed
    assert not thread.is_alive(), "it did not stop"


@contextmanager
def working(node: Node, recognizer: StubRecognizer | None = None) -> Iterator[StubRecognizer]:
    """A worker beside `node`."""
    recognizer = recognizer or StubRecognizer()
    worker = Worker(connect(node.address), recognizer, f"worker-of-{node.name}")
    with in_thread(worker.run, worker.stop):
        yield recognizer


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector()
    with in_thread(collector.run, collector.stop):
        yield collector


@contextmanager
def all_working(mall: Mall, recognizer: StubRecognizer | None = None) -> Iterator[None]:
    """A worker beside each node, and a collector."""
    with ExitStack() as stack:
        for node in mall.nodes:
            stack.enter_context(working(node, recognizer))
        stack.enter_context(collecting())
        yield


@dataclass(slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return msgspec.json.decode(self.raw)


@dataclass(slots=True)
class Web:
    """Speaks ASGI with the web process, on the test's own event loop."""

    token: str = ""

    async def post(
        self, body: bytes | list[bytes], query: str = "", token: str | None = None, **headers: str
    ) -> Answer:
        """Sends a snapshot; a list is a body in chunks. Headers are given with _ for -."""
        return await self.request("POST", "/api/v1/snapshots", body, query, token, **headers)

    async def get(self, path: str, token: str | None = None) -> Answer:
        return await self.request("GET", path, b"", "", token)

    async def request(
        self, method: str, path: str, body: bytes | list[bytes], query: str, token: str | None, **headers: str
    ) -> Answer:
        chunks = [body] if isinstance(body, bytes) else body
        if isinstance(body, bytes):
            headers.setdefault("content_length", str(len(body)))
        waiting = [
            {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}
            for number, chunk in enumerate(chunks, 1)
        ]

        async def receive() -> dict[str, Any]:
            return waiting.pop(0) if waiting else await never()

        return await self.speak(self.scope(method, path, query, token, **headers), receive)

    def scope(
        self, method: str, path: str, query: str = "", token: str | None = None, **headers: str
    ) -> dict[str, Any]:
        token = self.token if token is None else token
        all_headers = {"host": "localhost", "authorization": f"Bearer {token}" if token else "", **headers}
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.replace("_", "-").encode(), text.encode()) for name, text in all_headers.items() if text],
            "client": ("127.0.0.1", 40000),
            "server": ("127.0.0.1", 8000),
        }

    async def speak(self, scope: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]]) -> Answer:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        await application(scope, receive, send)
        start, *parts = sent
        found = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], found, b"".join(part.get("body", b"") for part in parts))


async def never() -> dict[str, Any]:
    await asyncio.get_running_loop().create_future()
    raise AssertionError
