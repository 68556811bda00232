"""Runs a command in a process of its own, so that the launcher stays small."""

import os
import subprocess
from collections.abc import Mapping, Sequence

from mallvision.environment import BASE_DIR
from mallvision.launch import tether
from mallvision.launch.signals import wait_for_stop
from mallvision.launch.supervisor import tethered


def run_child(command: Sequence[str], environment: Mapping[str, str], pass_fds: Sequence[int] = ()) -> int | None:
    """Its exit code. None when told to stop meanwhile: then it has been killed."""
    process = subprocess.Popen(  # noqa: S603 - no shell, our own command
        tethered(command),
        env={**environment, tether.PARENT: str(os.getpid())},
        cwd=BASE_DIR,
        stdin=subprocess.DEVNULL,
        pass_fds=pass_fds,
        start_new_session=True,
    )
    for descriptor in pass_fds:
        os.close(descriptor)
    while process.poll() is None:
        if wait_for_stop(1.0):
            process.kill()
            process.wait()
            return None
    return process.returncode
