"""`python -m recognition.node --redis URL [--concurrency N]` is a node's worker."""

import argparse
import logging
import multiprocessing
import multiprocessing.connection
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from types import FrameType

from recognition.engine import DEFAULT_ENGINE, load_recognizer
from recognition.node.connections import connect
from recognition.node.worker import Worker

RESTART_PAUSE_S = 0.5


def main() -> int:
    arguments = _arguments()
    logging.basicConfig(level=logging.INFO, format="{asctime} {levelname} {name}: {message}", style="{")
    if arguments.concurrency == 1:
        _serve(arguments.redis, arguments.engine)
        return 0
    return _serve_in_processes(arguments.redis, arguments.engine, arguments.concurrency)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m recognition.node", description="A worker beside a node's Redis.")
    parser.add_argument(
        "--redis",
        metavar="URL",
        default=os.environ.get("MALLVISION_NODE_URL"),
        help="its address: redis://, rediss://, unix://, redis+sentinel:// or redis+cluster:// "
        "(default: MALLVISION_NODE_URL, which ps does not show)",
    )
    parser.add_argument("--concurrency", metavar="N", type=int, default=1, help="worker processes (default: 1)")
    parser.add_argument(
        "--engine",
        metavar="NAME",
        default=DEFAULT_ENGINE,
        help="recognition program, fast or reference (default: fast)",
    )
    arguments = parser.parse_args()
    if not arguments.redis:
        parser.error("name the node's Redis with --redis or MALLVISION_NODE_URL")
    if arguments.concurrency < 1:
        parser.error("--concurrency is at least 1")
    return arguments


def _serve(url: str, engine: str) -> None:
    worker_id = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
    worker = Worker(connect(url), load_recognizer(engine), worker_id)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        worker.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if parent := multiprocessing.parent_process():
        threading.Thread(target=_stop_after, args=(parent.sentinel, worker), daemon=True).start()
    logging.getLogger(__name__).info("worker %s serves", worker_id)
    worker.run()


def _stop_after(sentinel: int, worker: Worker) -> None:
    """Ends the worker when the process that started it has died."""
    multiprocessing.connection.wait([sentinel])
    worker.stop()


def _serve_in_processes(url: str, engine: str, count: int) -> int:
    """Keeps `count` workers alive until told to stop; they end with this process."""
    context = multiprocessing.get_context("spawn")

    def start() -> BaseProcess:
        process = context.Process(target=_serve, args=(url, engine), daemon=True)
        process.start()
        return process

    keep_alive(start, count)
    return 0


def keep_alive(start: Callable[[], BaseProcess], count: int) -> None:
    """Starts `count` processes, and another for each that dies, until SIGTERM or SIGINT; then ends them all."""
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping  # and no more: the signal may come while a process is being started
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    processes = [start() for _ in range(count)]
    while not stopping:
        time.sleep(RESTART_PAUSE_S)
        processes = [process if process.is_alive() or stopping else start() for process in processes]
    for process in processes:
        process.terminate()
    for process in processes:
        process.join()


if __name__ == "__main__":
    sys.exit(main())
