"""uvicorn, started for the product and for the floors alike."""

import socket
import time

import psutil

from benchmarks.drivers.uploads import HOST
from benchmarks.mall import Mall
from benchmarks.processes import BenchmarkFailed, Processes, python

PRODUCT = "mallvision.asgi:application"
START_TIMEOUT_S = 30.0


def start_web(processes: Processes, mall: Mall, name: str, application: str) -> tuple[int, psutil.Process]:
    """Its port and its process, once it answers."""
    port = free_port()
    process = processes.start(name, python(*uvicorn(application, port)), mall.cores.measured)
    deadline = time.monotonic() + START_TIMEOUT_S
    while not listens(port):
        processes.check()
        if time.monotonic() > deadline:
            raise BenchmarkFailed(f"{name} does not listen within {START_TIMEOUT_S:.0f} s")
        time.sleep(0.05)
    return port, process


def uvicorn(application: str, port: int) -> list[str]:
    """What python is called with."""
    return [
        *("-m", "uvicorn", application, "--host", HOST, "--port", str(port)),
        *("--loop", "uvloop", "--http", "httptools", "--ws", "websockets-sansio"),
        *("--no-access-log", "--no-server-header", "--log-level", "warning"),
    ]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
