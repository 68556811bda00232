"""Talks to the running supervisord over its unix socket."""

import http.client
import socket
import xmlrpc.client
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, cast

REPLY_TIMEOUT_S = 1.0


class State(IntEnum):
    """supervisord's process states (https://supervisord.org/subprocess.html)."""

    STOPPED = 0
    STARTING = 10
    RUNNING = 20
    BACKOFF = 30
    STOPPING = 40
    EXITED = 100
    FATAL = 200
    UNKNOWN = 1000


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    """pid is 0 while it is not running. started_at: seconds since 1970."""

    name: str
    group: str
    state: State
    pid: int
    started_at: int
    log: str


class Supervisor:
    """Every call raises OSError, or xmlrpc.client.Error, when supervisord does not answer as it should."""

    def __init__(self, address: Path) -> None:
        self._server = xmlrpc.client.ServerProxy("http://localhost", transport=_UnixTransport(address))

    def processes(self) -> list[ProcessInfo]:
        rows = cast(list[dict[str, Any]], self._server.supervisor.getAllProcessInfo())
        return [
            ProcessInfo(row["name"], row["group"], State(row["state"]), row["pid"], row["start"], row["logfile"])
            for row in rows
        ]

    def start(self, process: ProcessInfo) -> None:
        self._server.supervisor.startProcess(f"{process.group}:{process.name}", False)  # noqa: FBT003 - XML-RPC

    def shut_down(self) -> None:
        self._server.supervisor.shutdown()


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, address: Path) -> None:
        super().__init__()
        self._address = address

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        return _UnixConnection(self._address)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, address: Path) -> None:
        super().__init__("localhost", timeout=REPLY_TIMEOUT_S)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(REPLY_TIMEOUT_S)
        self.sock.connect(str(self._address))
