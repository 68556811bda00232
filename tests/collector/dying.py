"""`python -m tests.collector.dying`: a collector that is killed after its commit, before it acknowledges."""

import os
import signal
from typing import Any

import django

if __name__ == "__main__":
    django.setup()
    from recognition.collector.collector import Collector

    class Dying(Collector):
        def _acknowledge(self, *_: Any) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

    Dying().run()
