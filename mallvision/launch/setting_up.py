"""Runs `manage.py set_up` in a process of its own, so that the launcher stays small."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping

from mallvision.environment import BASE_DIR
from mallvision.launch import tether
from mallvision.launch.errors import StartError
from mallvision.launch.options import Options
from mallvision.launch.report import Report
from mallvision.launch.signals import wait_for_stop
from mallvision.launch.supervisor import tethered


def set_up(options: Options, environment: Mapping[str, str]) -> Report | None:
    """None when told to stop meanwhile."""
    reading, writing = os.pipe()
    command = [
        sys.executable,
        str(BASE_DIR / "manage.py"),
        "set_up",
        "--report",
        str(writing),
        *_demo_and_nodes(options),
    ]
    process = subprocess.Popen(  # noqa: S603 - no shell, our own command
        tethered(command),
        # Nothing runs yet that could be told of what changes, so the warnings about that are not for the terminal.
        env={"MALLVISION_LOG_LEVEL": "ERROR", **environment, tether.PARENT: str(os.getpid())},
        cwd=BASE_DIR,
        stdin=subprocess.DEVNULL,
        pass_fds=(writing,),
        start_new_session=True,
    )
    os.close(writing)
    with os.fdopen(reading) as stream:
        while process.poll() is None:
            if wait_for_stop(1.0):
                process.kill()
                process.wait()
                return None
        if process.returncode != 0:
            raise StartError("the set-up failed; the lines above say why")
        return Report.of_json(json.load(stream))


def _demo_and_nodes(options: Options) -> list[str]:
    demo = ["--demo"] if options.with_demo and options.nodes else []
    nodes = [f"{name}={options.data.socket_url(name)}" for name in options.node_names]
    return [*demo, *(word for node in nodes for word in ("--node", node))]
