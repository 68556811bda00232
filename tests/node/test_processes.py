"""The processes of `--concurrency N`."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess

import pytest

from mallvision.environment import BASE_DIR
from recognition.node.connections import connect
from recognition.node.heartbeat import living_workers
from recognition.node.serving import keep_alive
from tests.processes import running
from tests.waiting import wait_until


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("told_at", [1, 2, 3])
def test_told_to_stop_while_a_process_is_being_started_it_ends_them_all(told_at: int) -> None:
    """The first two are started at once; the third takes the place of the first, which ends by itself."""
    context = multiprocessing.get_context("spawn")
    started: list[BaseProcess] = []

    def start() -> BaseProcess:
        lasts_s = 60 if started else 0
        started.append(context.Process(target=time.sleep, args=(lasts_s,), daemon=True))
        started[-1].start()
        if len(started) == told_at:
            os.kill(os.getpid(), signal.SIGTERM)
        return started[-1]

    keep_alive(start, 2)
    assert [process.exitcode for process in started if process.is_alive()] == []


def test_as_many_workers_serve_the_node_as_were_asked_for(node_urls: list[str]) -> None:
    node = connect(node_urls[0])
    with running("-m", "recognition.node", "--redis", node_urls[0], "--concurrency", "2") as process:
        wait_until(lambda: len(living_workers(node)) == 2)
        process.terminate()
        assert process.wait(20) == 0


@pytest.mark.parametrize("url", ["nonsense://:secret@host", "redis://host:secret", "redis+cluster://host/secret"])
def test_an_address_that_is_none_is_refused_in_plain_words_and_not_repeated(url: str) -> None:
    command = [sys.executable, "-m", "recognition.node", "--redis", url]
    done = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr
