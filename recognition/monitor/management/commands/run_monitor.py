import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from recognition.imports.importer import Importer
from recognition.monitor.monitor import Monitor


class Command(BaseCommand):
    help = (
        "Watches the nodes and the ledger, sends overdue snapshots on, and purges what is too old. Beside that, works "
        "off imports of people."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        monitor, importer = Monitor(), Importer()

        def stop(*_: Any) -> None:
            monitor.stop()
            importer.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        imports = threading.Thread(target=importer.run, name="imports")
        imports.start()
        try:
            monitor.run()
        finally:
            importer.stop()
            imports.join()
