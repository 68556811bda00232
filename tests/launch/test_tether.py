import os
import signal
import subprocess
import sys

import psutil

from mallvision.launch import tether
from mallvision.launch.supervisor import tethered

# A parent that starts one tethered child, names it and waits.
PARENT = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], env={**os.environ, "MALLVISION_TETHERED_TO": str(os.getpid())})
print(child.pid, flush=True)
child.wait()
"""
SLEEP = ["sleep", "600"]


def test_the_child_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, *tethered(SLEEP)], stdout=subprocess.PIPE)
    with parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    assert psutil.wait_procs([child], timeout=5) != ([], [child])


def test_a_child_whose_parent_is_already_gone_does_not_start() -> None:
    nobody = {**os.environ, tether.PARENT: "1"}
    assert subprocess.run(tethered(["true"]), env=nobody, check=False).returncode == -signal.SIGKILL


def test_what_is_run_takes_signals_again() -> None:
    code = (
        "import signal; print(signal.pthread_sigmask(signal.SIG_BLOCK, ()), signal.getsignal(signal.SIGINT).__name__)"
    )
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        answer = subprocess.run(
            tethered([sys.executable, "-c", code]),
            env={**os.environ, tether.PARENT: str(os.getpid())},
            check=True,
            capture_output=True,
            text=True,
        )
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    assert answer.stdout == "set() default_int_handler\n"
