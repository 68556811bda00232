import json
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.utils.translation import gettext as _

from cameras.simulation import arguments, table
from cameras.simulation.figures import as_json
from cameras.simulation.plan import BadPlan
from cameras.simulation.simulation import Simulated, simulate

SHOWN_EVERY_S = 0.5


class Command(BaseCommand):
    help = (
        "Shows how a mall's cameras would load its nodes: how even the spread is, how long queues become, what moves "
        "when a node leaves or joins; and the same with digest modulo N. Needs no database, no Redis, no data folder."
    )
    requires_system_checks = []  # they ask for keys that nothing here needs

    def add_arguments(self, parser: ArgumentParser) -> None:
        arguments.add_arguments(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            simulated = simulate(arguments.plan_of(options), _progress(self.stderr))
        except BadPlan as error:
            raise CommandError(str(error)) from None
        for line in table.lines(simulated, settings.MALLVISION_DEADLINE_S):
            self.stdout.write(line)
        if options["json"]:
            _write(options["json"], simulated)


def _write(file: Path, simulated: Simulated) -> None:
    try:
        file.write_text(json.dumps(as_json(simulated), indent=1) + "\n")
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}") from None


def _progress(terminal: OutputWrapper) -> Callable[[float], None]:
    """Keeps one line of a terminal up to date, and clears it at the end. Elsewhere nothing is shown."""
    if not terminal.isatty():
        return lambda _share: None
    shown_at = time.monotonic()

    def show(share: float) -> None:
        nonlocal shown_at
        if share >= 1:
            terminal.write("\r\033[K", str, ending="")
        elif time.monotonic() - shown_at > SHOWN_EVERY_S:
            shown_at = time.monotonic()
            terminal.write("\r" + _("simulated: %(percent)d %%") % {"percent": 100 * share}, str, ending="")
            terminal.flush()

    return show
