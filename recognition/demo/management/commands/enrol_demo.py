import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from recognition.demo.mall import token_file
from recognition.demo.people import AlreadyEnrolling, enrol_people
from recognition.intake.submission import Unavailable, recognise_now
from recognition.node.messages import Answer, Purpose
from recognition.people.objections import EnrolmentRefused
from recognition.samples.photos import PhotoFolder

ONE_TRY_S = 30.0
BETWEEN_TRIES_S = 1.0


class Command(BaseCommand):
    help = "Enrols the people of the demo's photos, once nodes answer. Each is enrolled once, so it may run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--patience", type=float, default=180.0, metavar="SECONDS", help="how long to wait for nodes"
        )

    def handle(self, *_args: Any, patience: float, **_options: Any) -> None:
        folder = settings.MALLVISION_DATA.demo
        if not token_file(folder).exists():
            self.stdout.write(_("The demo mall is not loaded, so there is nobody to enrol."))
            return
        deadline = time.monotonic() + patience
        try:
            for name in enrol_people(PhotoFolder(folder), lambda photo: _patiently(photo, deadline)):
                self.stdout.write(_("Enrolled %(name)s.") % {"name": name})
        except AlreadyEnrolling:
            self.stdout.write(_("The demo's people are being enrolled already."))
        except (Unavailable, EnrolmentRefused) as error:
            raise CommandError(_("The demo's people could not be enrolled: %(reason)s") % {"reason": error}) from None


def _patiently(photo: bytes, deadline: float) -> Answer:
    """Nodes and their workers may still be starting."""
    while True:
        try:
            return recognise_now(photo, Purpose.ENROL, ONE_TRY_S)
        except Unavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(BETWEEN_TRIES_S)
