import signal
from typing import Any

from django.core.management.base import BaseCommand

from recognition.collector.collector import Collector


class Command(BaseCommand):
    help = "Records what the nodes answered. Only one of several is active; the others stand by."

    def handle(self, *_args: Any, **_options: Any) -> None:
        collector = Collector()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: collector.stop())
        collector.run()
