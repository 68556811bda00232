"""Real Redis servers for tests."""

import os
import subprocess
import time
from pathlib import Path

import redis

from mallvision.launch import tether
from mallvision.launch.redis_server import find_redis_server
from mallvision.launch.supervisor import tethered
from recognition.node.connections import connect


def start_server(socket: Path, *options: str) -> "subprocess.Popen[bytes]":
    """Starts a Redis server on a unix socket and returns once it answers."""
    command = [
        str(find_redis_server()),
        "--port",
        "0",
        "--unixsocket",
        str(socket),
        "--save",
        "",
        "--dir",
        str(socket.parent),
    ]
    process = subprocess.Popen(
        tethered([*command, *options]),  # it ends with this process, even if that is killed
        env={**os.environ, tether.PARENT: str(os.getpid())},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    client = connect(f"unix://{socket}")
    deadline = time.monotonic() + 10
    while True:
        try:
            client.ping()
        except redis.RedisError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            client.close()
            return process
