import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from recognition.demo.roll import Shot
from recognition.demo.simulator import SimulatedCamera, Simulator, pause_asked
from recognition.demo.tally import Tally

DEADLINE_S = 10


@dataclass(frozen=True)
class Post:
    path: str
    headers: dict[str, str]
    body: bytes
    at: float
    connection: tuple[str, int]


@dataclass
class Api:
    """Writes down what is posted and replies as it is told: statuses in turn, the last one for ever."""

    url: str = ""
    statuses: list[int] = field(default_factory=lambda: [202])
    hangs_up: bool = False  # after each reply, as a server does with an idle connection
    posts: list[Post] = field(default_factory=list)
    took_part: threading.Condition = field(default_factory=threading.Condition)

    def take(self, post: Post) -> int:
        with self.took_part:
            self.posts.append(post)
            self.took_part.notify_all()
            return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]

    def wait_for(self, count: int) -> list[Post]:
        with self.took_part:
            assert self.took_part.wait_for(lambda: len(self.posts) >= count, DEADLINE_S)
            return list(self.posts)


class NumberedRoll:
    def __init__(self) -> None:
        self._number = 0

    def next(self) -> Shot:
        self._number += 1
        return Shot(f"photo {self._number}".encode(), "image/png")


@pytest.fixture
def api() -> Iterator[Api]:
    taken = Api()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = taken.take(Post(self.path, dict(self.headers), body, time.monotonic(), self.client_address))
            self.send_response(status)
            if status == 503:
                self.send_header("Retry-After", "60")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")
            self.close_connection = taken.hangs_up

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        taken.url = f"http://127.0.0.1:{server.server_port}"
        yield taken
        server.shutdown()
        thread.join()


def cameras(count: int) -> list[SimulatedCamera]:
    return [SimulatedCamera(f"camera-{number}", f"token-{number}", NumberedRoll()) for number in range(count)]


def test_a_photo_is_posted_as_a_camera_would(api: Api) -> None:
    simulator = Simulator(cameras(1), api.url, 50)
    simulator.start()
    post = api.wait_for(1)[0]
    simulator.finish()
    assert (post.path, post.body) == ("/api/v1/snapshots", b"photo 1")
    assert post.headers["Authorization"] == "Bearer token-0"
    assert post.headers["Content-Type"] == "image/png"
    captured_at = datetime.fromisoformat(post.headers["X-Captured-At"])
    assert abs(datetime.now(UTC) - captured_at) < timedelta(seconds=DEADLINE_S)


def test_a_camera_keeps_its_connection(api: Api) -> None:
    simulator = Simulator(cameras(1), api.url, 100)
    simulator.start()
    posts = api.wait_for(5)
    simulator.finish()
    assert len({post.connection for post in posts}) == 1


def test_a_connection_that_the_server_has_closed_loses_no_photo(api: Api) -> None:
    api.hangs_up = True
    simulator = Simulator(cameras(1), api.url, 10)
    simulator.start()
    api.wait_for(4)
    assert set(simulator.finish().statuses) == {202}


def test_the_rate_is_that_of_all_cameras_together_and_spread_evenly(api: Api) -> None:
    simulator = Simulator(cameras(4), api.url, 20)
    simulator.start()
    posts = api.wait_for(12)[:12]
    simulator.finish()
    assert {post.headers["Authorization"] for post in posts[:4]} == {f"Bearer token-{number}" for number in range(4)}
    assert 0.35 < posts[-1].at - posts[0].at < 1.5  # 11 gaps of 50 ms


def test_what_was_sent_and_what_came_back_is_told(api: Api) -> None:
    api.statuses = [200, 202, 401, 202]
    simulator = Simulator(cameras(2), api.url, 100)
    simulator.start()
    api.wait_for(6)
    tally = simulator.finish()
    statuses = tally.statuses
    assert (statuses[200], statuses[401]) == (1, 1)
    assert tally.lines()[0] == f"{tally.sent} photos sent by 2 cameras"
    assert f"202: {statuses[202]}" in tally.lines()
    assert tally.lines()[-1].startswith("replies took ")


def test_a_camera_that_is_told_to_come_later_leaves_the_server_alone(api: Api) -> None:
    api.statuses = [503]
    simulator = Simulator(cameras(2), api.url, 200)
    simulator.start()
    api.wait_for(2)
    tally = simulator.finish()
    assert tally.statuses == {503: 2}


@pytest.mark.parametrize(
    ("status", "header", "expected"),
    [
        (503, "2", 2.0),
        (503, "3600", 30.0),
        (503, None, 1.0),
        (503, "Fri, 31 Dec 1999", 1.0),
        (202, "9", 0),
    ],
)
def test_the_pause_is_what_a_503_asks_for_within_bounds(status: int, header: str | None, expected: float) -> None:
    assert pause_asked(status, header) == expected


def test_a_server_that_is_not_there_is_counted_and_tried_again() -> None:
    simulator = Simulator(cameras(1), "http://127.0.0.1:1", 100)
    simulator.start()
    deadline = time.monotonic() + DEADLINE_S
    while not simulator.tally.sent and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "no reply: 1" in simulator.finish().lines()


def test_finishing_does_not_wait_for_a_turn_that_is_far_away(api: Api) -> None:
    simulator = Simulator(cameras(1), api.url, 0.001)
    simulator.start()
    api.wait_for(1)
    started = time.monotonic()
    simulator.finish()
    assert time.monotonic() - started < 0.5


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://127.0.0.1", "http://", "http://host:port"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"must look like|[Pp]ort"):
        Simulator(cameras(1), url, 1)


def test_an_empty_tally_has_no_times() -> None:
    assert Tally().lines() == ["0 photos sent by 0 cameras"]
