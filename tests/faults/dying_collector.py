"""`python -m tests.faults.dying_collector`: a collector that is killed after its commit, before it settles."""

import os
import signal
from collections.abc import Sequence

import django

django.setup()

from recognition.collector.collector import Collector  # noqa: E402 (needs the models)
from recognition.collector.endings import Ended  # noqa: E402
from recognition.collector.recorder import Recorder  # noqa: E402
from recognition.collector.recording import Recorded  # noqa: E402


class Dying(Recorder):
    def record(self, ended: Sequence[Ended]) -> Recorded:
        super().record(ended)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


if __name__ == "__main__":
    collector = Collector()
    collector._recorder = Dying(collector._gallery, collector._lease)
    collector.run()
