"""`python -m tests.faults.worker URL`: a worker that says when it begins a batch, and takes its time over it.

It may be killed by one photo as by the kernel, or fail on another, each named by its digest.
"""

import argparse
import hashlib
import os
import signal
from collections.abc import Sequence

from recognition.engine import Answer, Request
from recognition.node.connections import connect
from recognition.node.worker import TAKE_OVER_IDLE_MS, Worker
from tests.recognizers import StubRecognizer


class Telling(StubRecognizer):
    dies_of = ""
    fails_on = ""

    def recognise(self, requests: Sequence[Request]) -> list[Answer]:
        print(len(requests), flush=True)  # noqa: T201
        digests = {hashlib.sha256(request.photo).hexdigest() for request in requests}
        if self.dies_of in digests:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.fails_on in digests:
            raise MemoryError
        return super().recognise(requests)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--takes-s", type=float, default=0.0, help="for each photo")
    parser.add_argument("--batch", type=int, default=8, help="photos at once")
    parser.add_argument("--idle-ms", type=int, default=TAKE_OVER_IDLE_MS, help="how soon it takes over")
    parser.add_argument("--dies-of", default="", help="a photo's digest")
    parser.add_argument("--fails-on", default="", help="a photo's digest")
    given = parser.parse_args()
    recognizer = Telling(photos_per_batch=given.batch, takes_s=given.takes_s)
    recognizer.dies_of, recognizer.fails_on = given.dies_of, given.fails_on
    Worker(connect(given.url), recognizer, f"worker-{os.getpid()}", given.idle_ms).run()
