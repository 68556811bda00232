"""Which programs run, in which of the two groups. The servers stop last, so that what stops can still write."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mallvision.environment import BASE_DIR, DataFolder
from mallvision.launch.options import Options
from mallvision.launch.redis_server import Server, server_command

SERVERS = "servers"
PROCESSES = "processes"
# Recognition takes every core it can get: pages and uploads go first.
BEHIND = ("nice", "-n", "5")
DEMO_PHOTOS_PER_S = "3"  # as much as somebody who watches the wall can follow


@dataclass(frozen=True, slots=True)
class Program:
    """starts_s: how long it must stay up to count as started. stops_s: how long it may take to stop.

    runs_once: it ends by itself and is not started again.
    """

    name: str
    group: str
    command: Sequence[str]
    starts_s: int = 5
    stops_s: int = 2
    runs_once: bool = False


def all_programs(options: Options, redis_server: Path, *, with_demo: bool) -> list[Program]:
    return [
        *(server_program(server, redis_server) for server in embedded_servers(options)),
        *_workers(options),
        Program("collector", PROCESSES, _manage("run_collector")),
        Program("monitor", PROCESSES, _manage("run_monitor")),
        Program("web", PROCESSES, _web(options)),
        *(_demo(options) if with_demo else []),
    ]


def demo_is_loaded(data: DataFolder) -> bool:
    """The demo's cameras have their tokens there; a mall of one's own has no such file."""
    return (data.demo / "tokens.json").exists()


def embedded_servers(options: Options) -> list[Server]:
    hub = [] if options.hub_url else [_server(options.data, "hub", None, options.hub_flushes_always)]
    return hub + [_server(options.data, name, options.node_memory_mb) for name in options.node_names]


def server_program(server: Server, redis_server: Path) -> Program:
    return Program(server.name, SERVERS, server_command(server, redis_server), starts_s=1, stops_s=1)


def _server(data: DataFolder, name: str, memory_mb: int | None, flushes_always: bool = False) -> Server:
    return Server(
        name=name,
        folder=data.servers / name,
        socket=data.socket(name),
        keeps_on_disk=memory_mb is None,
        flushes_always=flushes_always,
        memory_mb=memory_mb,
    )


def _workers(options: Options) -> list[Program]:
    return [
        Program(
            name.replace("node", "worker"),
            PROCESSES,
            [*BEHIND, *_python("-m", "recognition.node", "--redis", options.data.socket_url(name))],
        )
        for name in options.node_names
    ]


def _web(options: Options) -> list[str]:
    return _python(
        *("-m", "uvicorn", "mallvision.asgi:application"),
        *("--host", options.host, "--port", str(options.port)),
        *("--loop", "uvloop", "--http", "httptools", "--ws", "websockets-sansio"),
        *("--no-access-log", "--no-server-header", "--timeout-graceful-shutdown", "1"),
    )


def _demo(options: Options) -> list[Program]:
    send = _manage("simulate_cameras", "--url", options.url, "--fps", DEMO_PHOTOS_PER_S)
    return [
        Program("simulator", PROCESSES, [*BEHIND, *send]),
        Program("demo-people", PROCESSES, [*BEHIND, *_manage("enrol_demo")], runs_once=True),
    ]


def _manage(*arguments: str) -> list[str]:
    return _python(str(BASE_DIR / "manage.py"), *arguments)


def _python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]
