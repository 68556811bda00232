"""Simulated cameras: they send photos through the public API, as any camera would."""

import select
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from recognition.demo.roll import Roll, Shot
from recognition.demo.tally import UNREACHABLE, Tally

SNAPSHOTS_PATH = "/api/v1/snapshots"
PATIENCE_S = 10.0
PAUSE_WHEN_UNREACHABLE_S = 1.0
LONGEST_PAUSE_S = 30.0


@dataclass(frozen=True, slots=True)
class SimulatedCamera:
    slug: str
    token: str
    roll: Roll


class Simulator:
    """One thread and one connection per camera.

    url: of the web server, such as http://127.0.0.1:8000. photos_per_s: of all cameras together; each camera
    sends as often as the others, and their turns are spread evenly. Raises ValueError for an unfit url.
    """

    def __init__(self, cameras: Sequence[SimulatedCamera], url: str, photos_per_s: float) -> None:
        self.tally = Tally()
        self._stopping = threading.Event()
        period_s = len(cameras) / photos_per_s
        self._threads = [
            threading.Thread(
                target=self._run,
                args=(camera, Sender(url, camera.token), number / photos_per_s, period_s),
                daemon=True,
            )
            for number, camera in enumerate(cameras)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self) -> Tally:
        """Ends the sending within a second, and says what came back."""
        self._stopping.set()
        deadline = time.monotonic() + 1.0  # a reply that takes longer than that is not waited for
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return self.tally

    def _run(self, camera: SimulatedCamera, sender: "Sender", first_after_s: float, period_s: float) -> None:
        turn = time.monotonic() + first_after_s
        while not self._stopping.wait(max(0.0, turn - time.monotonic())):
            status, pause_s = sender.send(camera.roll.next(), self.tally)
            self.tally.count(camera.slug, status)
            # A camera that is late drops what it would have sent, as it would with real photos.
            turn = max(turn + period_s, time.monotonic() + pause_s)
        sender.close()


class Sender:
    """Posts photos over a connection that is kept open."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("the address must look like http://127.0.0.1:8000")
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=PATIENCE_S)
        self._path = parts.path.rstrip("/") + SNAPSHOTS_PATH
        self._token = token

    def send(self, shot: Shot, tally: Tally) -> tuple[int, float]:
        """The reply's status, 0 if there was none, and how many seconds to leave the server alone."""
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": shot.content_type,
            "X-Captured-At": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        self._leave_closed_connection()
        started = time.monotonic()
        try:
            self._connection.request("POST", self._path, shot.photo, headers)
            reply = self._connection.getresponse()
            reply.read()
        except (OSError, HTTPException):
            self._connection.close()
            return UNREACHABLE, PAUSE_WHEN_UNREACHABLE_S
        tally.time(time.monotonic() - started)
        return reply.status, pause_asked(reply.status, reply.getheader("Retry-After"))

    def _leave_closed_connection(self) -> None:
        """A server closes connections that idle for a few seconds; all it can have sent meanwhile is that end."""
        idle = self._connection.sock
        if idle is not None and select.select([idle], [], [], 0)[0]:
            self._connection.close()

    def close(self) -> None:
        self._connection.close()


def pause_asked(status: int, retry_after: str | None) -> float:
    """Seconds that a 503 asks for; its Retry-After may also be a date, which then counts as one second."""
    if status != 503:
        return 0.0
    seconds = float(retry_after) if retry_after and retry_after.strip().isdecimal() else 1.0
    return min(seconds, LONGEST_PAUSE_S)
