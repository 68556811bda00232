"""`python -m tests.faults.worker URL`: a worker that says when it begins a batch, and takes its time over it."""

import argparse
import os
from collections.abc import Sequence

from recognition.engine import Answer, Request
from recognition.node.connections import connect
from recognition.node.worker import TAKE_OVER_IDLE_MS, Worker
from tests.recognizers import StubRecognizer


class Telling(StubRecognizer):
    def recognise(self, requests: Sequence[Request]) -> list[Answer]:
        print(len(requests), flush=True)  # noqa: T201
        return super().recognise(requests)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--takes-s", type=float, default=0.0, help="for each photo")
    parser.add_argument("--batch", type=int, default=8, help="photos at once")
    parser.add_argument("--idle-ms", type=int, default=TAKE_OVER_IDLE_MS, help="how soon it takes over")
    given = parser.parse_args()
    recognizer = Telling(photos_per_batch=given.batch, takes_s=given.takes_s)
    Worker(connect(given.url), recognizer, f"worker-{os.getpid()}", given.idle_ms).run()
