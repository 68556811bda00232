import signal
from typing import Any

from django.core.management.base import BaseCommand

from recognition.monitor.monitor import Monitor


class Command(BaseCommand):
    help = "Watches the nodes and the ledger, sends overdue snapshots on, and purges what is too old."

    def handle(self, *_args: Any, **_options: Any) -> None:
        monitor = Monitor()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: monitor.stop())
        monitor.run()
