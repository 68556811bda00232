from typing import Any

from django.core.management.base import BaseCommand

from recognition.retention.purge import purge


class Command(BaseCommand):
    help = "Deletes what has been kept for as long as the retention settings say. The monitor does so each hour."

    def handle(self, *_args: Any, **_options: Any) -> None:
        for kind, count in purge().items():
            self.stdout.write(f"{kind}: {count} deleted")
