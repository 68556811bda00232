"""What is done before anything is started: `manage.py set_up`, and the recognition networks of this machine."""

import json
import os
import sys
from collections.abc import Mapping

from mallvision.environment import BASE_DIR
from mallvision.launch.child import run_child
from mallvision.launch.errors import StartError
from mallvision.launch.options import Options
from mallvision.launch.report import Report


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
    # Nothing runs yet that could be told of what changes, so the warnings about that are not for the terminal.
    quiet = {"MALLVISION_LOG_LEVEL": "ERROR", **environment}
    with os.fdopen(reading) as stream:
        exit_code = run_child(command, quiet, [writing])
        if exit_code is None:
            return None
        if exit_code != 0:
            raise StartError("the set-up failed; the lines above say why")
        return Report.of_json(json.load(stream))


def make_models(options: Options, environment: Mapping[str, str]) -> bool:
    """False when told to stop meanwhile. Takes seconds the first time on a machine, and next to nothing later."""
    command = [sys.executable, "-m", "recognition.engine.models", "--daily", "--photos", str(options.data.demo)]
    exit_code = run_child(command, environment)
    if exit_code is None:
        return False
    if exit_code != 0:
        raise StartError("the recognition networks cannot be made; the lines above say why")
    return True


def _demo_and_nodes(options: Options) -> list[str]:
    demo = ["--demo"] if options.with_demo and options.nodes else []
    nodes = [f"{name}={options.data.socket_url(name)}" for name in options.node_names]
    return [*demo, *(word for node in nodes for word in ("--node", node))]
