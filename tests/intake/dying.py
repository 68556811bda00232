"""`python -m tests.intake.dying NODE LETTER`: sends a dead letter again, killed when one snapshot is accepted."""

import os
import signal
import sys
from typing import Any

import django

django.setup()

from cameras.models import Node  # noqa: E402 (needs the models)
from recognition.intake.dispatch import Accepted, Dispatcher  # noqa: E402
from recognition.intake.retrying import retry  # noqa: E402

dispatch = Dispatcher.dispatch


async def dying(self: Dispatcher, *arguments: Any) -> Accepted:
    await dispatch(self, *arguments)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


if __name__ == "__main__":
    Dispatcher.dispatch = dying  # type: ignore[assignment, method-assign]  # takes whatever it is given
    name, letter = sys.argv[1:]
    retry(Node.objects.get(name=name), letter)
