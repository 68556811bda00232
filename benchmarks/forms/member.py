"""One server among several."""

import os
import random
import socket
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from benchmarks.processes import BenchmarkFailed
from benchmarks.waiting import wait_until
from benchmarks.web import listens
from mallvision.launch import tether
from mallvision.launch.redis_server import find_redis_server
from mallvision.launch.supervisor import tethered
from recognition.node.connections import connect

HOST = "127.0.0.1"
_PORTS = range(11_000, 19_000)  # the bus of a Cluster's server is 10,000 above: all below those the kernel hands out


@dataclass
class Member:
    """process: None where somebody else runs it. tls: the options with which it is asked, if only by TLS."""

    port: int
    command: Sequence[str]
    folder: Path
    process: "subprocess.Popen[bytes] | None" = None
    tls: str = ""

    @property
    def name(self) -> str:
        return f"server-{self.port}"

    @property
    def url(self) -> str:
        return f"rediss://{HOST}:{self.port}?{self.tls}" if self.tls else f"redis://{HOST}:{self.port}"

    @property
    def settings(self) -> Path:
        """Its configuration file. Of two lines that say the same the last one counts."""
        return Path(self.command[1])

    @property
    def alive(self) -> bool:
        """Whether it takes connections."""
        return listens(self.port)

    def start(self) -> None:
        """Returns once it answers. It ends with this process even if that is killed."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                tethered(self.command), env={**os.environ, tether.PARENT: str(os.getpid())}, stdout=log, stderr=log
            )
        wait_until(self._answers)

    def kill(self) -> None:
        """With -9, and returns once it is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    def ask(self, *command: Any) -> Any:
        client = connect(self.url, 5.0)
        try:
            return client.execute_command(*command)
        finally:
            client.close()

    def info(self, section: str) -> dict[str, Any]:
        return dict(self.ask("INFO", section))

    def is_master(self) -> bool:
        return bool(self.info("replication")["role"] == "master")

    def is_linked(self) -> bool:
        """Whether it is a replica that has its master."""
        return self.info("replication").get("master_link_status") == "up"

    @property
    def _log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def _answers(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise BenchmarkFailed(f"a server has ended:\n{self._log.read_text()}")
        try:
            self.ask("PING")
        except redis.RedisError as error:
            return isinstance(error, redis.AuthenticationError)
        return True


def data_server(folder: Path, options: Mapping[str, Any]) -> Member:
    """One that keeps data, in memory if the options say nothing else; its files are in a folder of its own.

    A Sentinel that makes it a master or a replica has that written into its configuration.
    """
    port = free_port()
    own = folder / str(port)
    own.mkdir()
    settings = {
        "port": port,
        "bind": HOST,
        "dir": own,
        "save": '""',
        "maxmemory-policy": "volatile-lru",
        "repl-diskless-sync-delay": 0,
        **options,
    }
    file = own / "redis.conf"
    file.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    return Member(port, [str(find_redis_server()), str(file)], folder)


def free_port() -> int:
    while True:
        port = random.choice(_PORTS)
        with socket.socket() as one, socket.socket() as bus, suppress(OSError):
            one.bind((HOST, port))
            bus.bind((HOST, port + 10_000))
            return port


@contextmanager
def running(members: Sequence[Member]) -> Iterator[None]:
    """Started here, ended with the block."""
    try:
        for one in members:
            one.start()
        yield
    finally:
        for one in members:
            one.kill()


def wait_for(is_true: Callable[[], Any]) -> Any:
    """As wait_until; nothing is true as long as a server that is asked is just coming up or going."""

    def is_answered_and_true() -> Any:
        try:
            return is_true()
        except redis.RedisError:
            return False

    return wait_until(is_answered_and_true)


def start_dead(members: Iterable[Member]) -> None:
    for one in members:
        if not one.alive:
            one.start()
