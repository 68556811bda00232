"""`python -I -S tether.py COMMAND…` runs COMMAND so that it ends when the process that started it ends.

The kernel sends SIGKILL as soon as the parent is gone, however it went. Run by path and before everything
else, so it imports next to nothing.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PARENT = "MALLVISION_TETHERED_TO"  # process id of who is about to start a tethered child


def tie_to_parent(expected_parent: int, ending: signal.Signals) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, ending, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != expected_parent:  # it died before prctl could notice
        os.kill(os.getpid(), ending)


def main() -> None:
    tie_to_parent(int(os.environ[PARENT]), signal.SIGKILL)
    # What is run may start tethered children of its own: exec keeps the process id.
    os.environ[PARENT] = str(os.getpid())
    # Inherited otherwise: the launcher waits with signals blocked, a background shell ignores SIGINT, Python SIGPIPE.
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in (signal.SIGINT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - the command is ours, no shell


if __name__ == "__main__":
    main()
