"""The launcher waits with its signals blocked and takes them one by one, so nothing is ever interrupted halfway."""

import signal
from pathlib import Path

STOPS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


def block_signals() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS | {signal.SIGCHLD})


def wait_for_stop(timeout_s: float) -> bool:
    """True when told to stop. Returns early, with False, when a child ended."""
    taken = signal.sigtimedwait(STOPS | {signal.SIGCHLD}, timeout_s)
    return taken is not None and taken.si_signo in STOPS


class InterruptedMake:
    """Notices a SIGINT that was sent to make alone, as `kill -INT` does and the terminal's Ctrl-C does not.

    make then waits for us without telling; all that shows is that it does not catch the signal any more.
    """

    def __init__(self, make: int) -> None:
        self._make = make
        self._caught = self._catches()

    def happened(self) -> bool:
        return self._caught and not self._catches()

    def _catches(self) -> bool:
        try:
            status = Path(f"/proc/{self._make}/status").read_text()
        except FileNotFoundError:
            return False
        caught = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), "0")
        return bool(int(caught, 16) & 1 << (signal.SIGINT - 1))
