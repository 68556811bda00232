"""`python -m mallvision.launch` is what `make run` runs."""

import os
import signal
import sys
from collections.abc import Callable, Mapping

from mallvision.environment import BadEnvironment
from mallvision.launch import tether, words
from mallvision.launch.errors import StartError
from mallvision.launch.launcher import run
from mallvision.launch.options import read_options
from mallvision.launch.signals import InterruptedMake, block_signals


def main() -> int:
    block_signals()
    asked_to_stop = tie_to_make(os.environ)
    try:
        run(read_options(os.environ), os.environ, asked_to_stop)
    except (BadEnvironment, StartError) as error:
        words.complain(f"MallVision: {error}")
        return 1
    return 0


def tie_to_make(variables: Mapping[str, str]) -> Callable[[], bool]:
    make = variables.get(tether.PARENT)
    if make is None:  # started by hand or by a service manager: nothing to be tied to
        return lambda: False
    tether.tie_to_parent(int(make), signal.SIGTERM)
    return InterruptedMake(int(make)).happened


if __name__ == "__main__":
    sys.exit(main())
