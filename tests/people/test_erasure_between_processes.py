"""After an erasure has returned, no process serves the name: shown with processes of their own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


class Serving:
    """A running gallery_process."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.people.gallery_process"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def names(self) -> list[str]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        found: list[str] = json.loads(self.process.stdout.readline())
        return found

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


def until(condition: Callable[[], bool], within_s: float = 10.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def environment(tmp_path: Path, hub_url: str) -> dict[str, str]:
    found = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path / 'mall.sqlite3'}", "MALLVISION_HUB_URL": hub_url}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=found, check=True)
    return found


@pytest.fixture
def two_serving(environment: dict[str, str]) -> Iterator[tuple[Serving, Serving]]:
    both = Serving(environment), Serving(environment)
    yield both
    for one in both:
        one.end()


def change(environment: dict[str, str], verb: str, name: str) -> str:
    command = [sys.executable, "-m", "tests.people.erasing_process", verb, name]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def test_no_process_serves_a_name_after_its_erasure_has_returned(
    environment: dict[str, str], two_serving: tuple[Serving, Serving]
) -> None:
    one, other = two_serving
    for name in ("Ada", "Bob"):
        change(environment, "enrol", name)
    until(lambda: one.names() == other.names() == ["Ada", "Bob"])

    assert change(environment, "erase", "Ada").strip() == "2"
    assert one.names() == other.names() == ["Bob"]

    # One that hangs is not waited for longer than it is listed, and wakes up without names.
    other.process.send_signal(signal.SIGSTOP)
    assert change(environment, "erase", "Bob").strip() == "1"
    assert one.names() == []
    other.process.send_signal(signal.SIGCONT)
    assert other.names() == []
