"""Writes supervisord's configuration and starts it (https://supervisord.org/configuration.html)."""

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from configparser import RawConfigParser
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from mallvision.environment import BASE_DIR, DataFolder
from mallvision.launch import tether
from mallvision.launch.programs import PROCESSES, SERVERS, Program

SOCKET_NAME = "supervisor"
ERRORS = "supervisord.err"  # what it says before its own log is open
START_ATTEMPTS = 3
# Groups start in this order and stop in the opposite one, each group at once.
PRIORITIES = {SERVERS: "100", PROCESSES: "200"}
LOG_LIMITS = {"maxbytes": "5MB", "backups": "3"}


def config_file(data: DataFolder) -> Path:
    return data.root / "supervisord.conf"


def write_config(data: DataFolder, programs: Sequence[Program]) -> Path:
    """No secret stands in it: what the programs need they inherit from the environment, or read from the key files."""
    config = RawConfigParser()
    socket = data.socket(SOCKET_NAME)
    config.read_dict(
        {
            "supervisord": {
                "nodaemon": "true",
                "silent": "true",
                "umask": "077",
                "pidfile": _plain(data.root / "supervisord.pid"),
                "logfile": _plain(data.logs / "supervisord.log"),
                "childlogdir": _plain(data.logs),
                **{f"logfile_{name}": value for name, value in LOG_LIMITS.items()},
            },
            "unix_http_server": {"file": _plain(socket), "chmod": "0700"},
            "supervisorctl": {"serverurl": _plain(f"unix://{socket}")},
            "rpcinterface:supervisor": {
                "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
            },
            **{f"program:{program.name}": _program_section(data, program) for program in programs},
            **_group_sections(programs),
        }
    )
    file = config_file(data)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        config.write(stream)
    return file


def start_supervisor(config: Path, environment: Mapping[str, str], lock: int, logs: Path) -> "subprocess.Popen[bytes]":
    """It holds the folder's lock too, and its own session keeps the terminal's Ctrl-C from it."""
    command = [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "--configuration", str(config)]
    with (logs / ERRORS).open("wb") as stderr:
        return subprocess.Popen(  # noqa: S603 - no shell, our own command
            tethered(command),
            env={**environment, tether.PARENT: str(os.getpid())},
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=stderr,
            stderr=stderr,
            pass_fds=(lock,),
            start_new_session=True,
        )


def tethered(command: Sequence[str]) -> list[str]:
    return [sys.executable, "-I", "-S", str(Path(tether.__file__).resolve()), *command]


def _program_section(data: DataFolder, program: Program) -> dict[str, str]:
    return {
        "command": _plain(shlex.join(tethered(program.command))),
        "autorestart": "false" if program.runs_once else "true",
        "startsecs": "0" if program.runs_once else str(program.starts_s),
        "startretries": str(START_ATTEMPTS),
        "stopwaitsecs": str(program.stops_s),
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": _plain(data.logs / f"{program.name}.log"),
        **{f"stdout_logfile_{name}": value for name, value in LOG_LIMITS.items()},
    }


def _group_sections(programs: Sequence[Program]) -> dict[str, dict[str, str]]:
    by_group = attrgetter("group")
    return {
        f"group:{group}": {"programs": ",".join(program.name for program in members), "priority": PRIORITIES[group]}
        for group, members in groupby(sorted(programs, key=by_group), key=by_group)
    }


def _plain(value: str | Path) -> str:
    """supervisord would expand what a percent sign begins."""
    return str(value).replace("%", "%%")
