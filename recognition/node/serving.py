"""The processes of a node's workers. Not in `__main__`: what that holds cannot be found by the processes it starts."""

import logging
import multiprocessing
import multiprocessing.connection
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from types import FrameType

from recognition.engine import load_recognizer
from recognition.node.connections import connect
from recognition.node.worker import Worker

RESTART_PAUSE_S = 0.5
LOG_FORMAT = "{asctime} {levelname} {name}: {message}"


def serve(url: str, engine: str) -> None:
    """Serves the node at `url` until SIGTERM or SIGINT, or until the process that started this one has died."""
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT, style="{")
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


def serve_in_processes(url: str, engine: str, count: int) -> None:
    """Keeps `count` workers alive until told to stop; they end with this process."""
    context = multiprocessing.get_context("spawn")

    def start() -> BaseProcess:
        process = context.Process(target=serve, args=(url, engine), daemon=True)
        process.start()
        return process

    keep_alive(start, count)


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
