"""`python -m benchmarks.stubs.worker URL …`: the product's worker with a stub for its recognition program."""

import argparse
import logging
import os
import signal
from types import FrameType

from benchmarks.stubs.recognizer import SPACE, StubRecognizer
from recognition.node.connections import connect
from recognition.node.worker import Worker


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--photos-per-batch", type=int, default=8)
    parser.add_argument("--processor-ms", type=float, default=0.0)
    parser.add_argument("--wait-ms", type=float, default=0.0)
    parser.add_argument("--faces", type=int, default=0)
    parser.add_argument("--people", type=int, default=1)
    parser.add_argument("--space", default=SPACE)
    arguments = parser.parse_args()
    logging.basicConfig()
    recognizer = StubRecognizer(
        arguments.photos_per_batch,
        processor_ms=arguments.processor_ms,
        faces=arguments.faces,
        people=arguments.people,
        wait_ms=arguments.wait_ms,
        space=arguments.space,
    )
    worker = Worker(connect(arguments.url), recognizer, stub_id(os.getpid()))

    def stop(_signal: int, _frame: FrameType | None) -> None:
        worker.stop()

    signal.signal(signal.SIGTERM, stop)
    worker.run()


def stub_id(pid: int) -> str:
    """The worker's id, by which the node knows it."""
    return f"stub-{pid}"


if __name__ == "__main__":
    main()
