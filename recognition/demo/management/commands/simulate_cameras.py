import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from recognition.demo.mall import make_simulated_cameras, token_file
from recognition.demo.roll import FolderRoll, MixedRoll, Roll, photos_in
from recognition.demo.scenes import SceneMaker
from recognition.demo.simulator import SimulatedCamera, Simulator
from recognition.samples.catalogue import ASTRONAUT
from recognition.samples.photos import PhotoFolder

STOPS = (signal.SIGTERM, signal.SIGINT)

RollOf = Callable[[int], Roll]  # the camera's number, from 0


class Command(BaseCommand):
    help = "Sends photos through the public API as the demo mall's cameras would, or as cameras of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fps", type=_positive, default=1.0, help="photos per second, of all cameras together")
        parser.add_argument("--seconds", type=_positive, help="how long (default: until it is told to stop)")
        parser.add_argument("--folder", type=Path, help="send the JPEG, PNG and WebP files of this folder instead")
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="address of the web server")

    def handle(self, *_args: Any, **options: Any) -> None:
        with _stops() as stops:
            roll_of = _folder_rolls(options["folder"]) if options["folder"] else self._demo_rolls()
            tokens = token_file(settings.MALLVISION_DATA.demo).read() or make_simulated_cameras()
            simulator = _simulator(tokens, roll_of, options["url"], options["fps"])
            simulator.start()
            with suppress(Empty):
                stops.get(timeout=options["seconds"])
            for line in simulator.finish().lines():
                self.stdout.write(line)
            self.stdout.write(_("sent to %s") % options["url"])

    def _demo_rolls(self) -> RollOf:
        folder = PhotoFolder(settings.MALLVISION_DATA.demo)
        real_photos = [folder.path(photo) for photo in folder.present()]
        if not real_photos:
            self.stderr.write(_("The demo's photos are not there: the simulated cameras show a mall without people."))
        astronaut = folder.path(ASTRONAUT) if folder.has(ASTRONAUT) else None
        return lambda _number: MixedRoll(real_photos, SceneMaker(astronaut))


@contextmanager
def _stops() -> Iterator[SimpleQueue[int]]:
    """The signals that stop, as they come. A SimpleQueue is the one thing a handler may safely put into."""
    come: SimpleQueue[int] = SimpleQueue()
    before = {number: signal.signal(number, lambda got, _frame: come.put(got)) for number in STOPS}
    try:
        yield come
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _simulator(tokens: Mapping[str, str], roll_of: RollOf, url: str, photos_per_s: float) -> Simulator:
    cameras = [SimulatedCamera(slug, token, roll_of(number)) for number, (slug, token) in enumerate(tokens.items())]
    try:
        return Simulator(cameras, url, photos_per_s)
    except ValueError as error:
        raise CommandError(str(error)) from None


def _folder_rolls(folder: Path) -> RollOf:
    photos = photos_in(folder) if folder.is_dir() else []
    if not photos:
        raise CommandError(_("There is no JPEG, PNG or WebP file in %(folder)s") % {"folder": folder})
    return partial(FolderRoll, photos)


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise ValueError(text)
    return number
