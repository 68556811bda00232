"""Makes the .mo files that gettext reads out of the .po files that people write. Needs no gettext tools."""

from pathlib import Path
from typing import Any

import polib  # type: ignore[import-untyped]
from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Compiles every catalogue under LOCALE_PATHS that is newer than its .mo file."

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in settings.LOCALE_PATHS:
            for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
                if compile_catalogue(source) and options["verbosity"]:
                    self.stdout.write(f"compiled {source}")


def compile_catalogue(source: Path) -> bool:
    """True when there was something to do. The file appears whole or not at all: it may be in use."""
    target = source.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return False
    unfinished = target.with_suffix(".mo.part")
    polib.pofile(str(source)).save_as_mofile(str(unfinished))
    unfinished.replace(target)
    return True
