"""`python -m benchmarks.stubs.worker URL …`: the product's worker with a stub for its recognition program."""

import argparse
import logging
import signal
from types import FrameType

from benchmarks.stubs.recognizer import StubRecognizer
from recognition.node.connections import connect
from recognition.node.worker import Worker


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--photos-per-batch", type=int, default=8)
    parser.add_argument("--processor-ms", type=float, default=0.0)
    parser.add_argument("--faces", type=int, default=0)
    arguments = parser.parse_args()
    logging.basicConfig()
    recognizer = StubRecognizer(arguments.photos_per_batch, arguments.processor_ms, arguments.faces)
    worker = Worker(connect(arguments.url), recognizer, "stub")

    def stop(_signal: int, _frame: FrameType | None) -> None:
        worker.stop()

    signal.signal(signal.SIGTERM, stop)
    worker.run()


if __name__ == "__main__":
    main()
