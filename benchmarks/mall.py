"""A mall to measure in: a hub, three nodes, and a registry with cameras, all in a temporary folder."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from cryptography.fernet import Fernet

from benchmarks.cores import Cores
from benchmarks.processes import BenchmarkFailed, Processes, shell
from mallvision.environment import DataFolder
from mallvision.launch.redis_server import Server, find_redis_server, server_command
from recognition.node.admission import Limits
from recognition.node.connections import Redis, connect

NODES = ("node-1", "node-2", "node-3")
NODE_MEMORY_MB = 2000
LIMITS = Limits(1_000_000, 2**40)  # a full queue would measure refusals
REDIS_TIMEOUT_S = 60.0
# Rewriting the append-only file would fall into some rounds and not into others.
SERVER_OPTIONS = ("--auto-aof-rewrite-percentage", "0", "--loglevel", "warning")


@dataclass(frozen=True, slots=True)
class Rows:
    """What the registry holds. session: the key of a staff member's session, who may see everything."""

    tokens: Sequence[str]
    session: str
    group: int


@dataclass(frozen=True, slots=True)
class Mall:
    """Where everything is. servers: the processes of the hub and the nodes."""

    cores: Cores
    logs: Path
    environment: dict[str, str]
    hub_url: str
    node_urls: Sequence[str]
    servers: Sequence[psutil.Process]
    rows: Rows

    def hub(self) -> Redis:
        return connect(self.hub_url, REDIS_TIMEOUT_S)

    def node(self, number: int = 0) -> Redis:
        return connect(self.node_urls[number], REDIS_TIMEOUT_S)

    def empty(self) -> None:
        for url in (self.hub_url, *self.node_urls):
            client = connect(url, REDIS_TIMEOUT_S)
            client.flushall()
            client.close()

    def processes(self) -> Processes:
        return Processes(self.logs, self.environment)


@contextmanager
def open_mall(cores: Cores) -> Iterator[Mall]:
    folder = Path(tempfile.mkdtemp(prefix="mv-bench-"))
    data = DataFolder(folder)
    try:
        data.servers.mkdir()
        data.logs.mkdir()
        environment = environment_in(data) | {
            "MALLVISION_QUEUE_LIMIT_JOBS": str(LIMITS.jobs),
            "MALLVISION_QUEUE_LIMIT_MB": str(LIMITS.photo_bytes // 1_000_000),
            "BENCHMARK_NODE_URLS": " ".join(data.socket_url(name) for name in NODES),
        }
        with Processes(data.logs, environment) as processes:
            servers = _start_servers(processes, data, cores)
            rows = Rows(**json.loads(processes.run("rows", shell("benchmarks.rows.make()"), cores.driving)))
            nodes = [data.socket_url(name) for name in NODES]
            yield Mall(cores, data.logs, environment, data.socket_url("hub"), nodes, servers, rows)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def environment_in(data: DataFolder) -> dict[str, str]:
    """For the product's processes, on a database and a hub in the folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MALLVISION_")}
    kept.pop("DATABASE_URL", None)
    return kept | {
        "MALLVISION_DATA": str(data.root),
        "MALLVISION_SECRET_KEY": "only for benchmarks",
        "MALLVISION_FIELD_KEYS": Fernet.generate_key().decode(),
        "MALLVISION_HUB_URL": data.socket_url("hub"),
        "DJANGO_SETTINGS_MODULE": "mallvision.settings",
    }


def _start_servers(processes: Processes, data: DataFolder, cores: Cores) -> list[psutil.Process]:
    binary = find_redis_server()
    servers = []
    for name in ("hub", *NODES):
        folder = data.servers / name
        folder.mkdir()
        memory_mb = None if name == "hub" else NODE_MEMORY_MB
        server = Server(name, folder, data.socket(name), keeps_on_disk=memory_mb is None, memory_mb=memory_mb)
        servers.append(processes.start(name, [*server_command(server, binary), *SERVER_OPTIONS], cores.measured))
    for name in ("hub", *NODES):
        processes.wait_for(data.socket(name))
        client = connect(data.socket_url(name))
        if not client.ping():
            raise BenchmarkFailed(f"{name} does not answer")
        client.close()
    return servers
