"""Saying that a server has stopped answering once, not each time it is asked."""

import logging


class Trouble:
    """Logs when `what` stops answering, and when it answers again.

    Names the kind of error alone: a server's own text may repeat a password.
    """

    def __init__(self, what: str, log: logging.Logger) -> None:
        self._what = what
        self._log = log
        self._kind = ""

    def note(self, error: Exception | None) -> None:
        """What the latest attempt came to; None when it succeeded."""
        kind = type(error).__name__ if error else ""
        if kind == self._kind:
            return
        self._kind = kind
        if kind:
            self._log.warning("%s does not answer, trying again: %s", self._what, kind)
        else:
            self._log.info("%s answers again", self._what)
