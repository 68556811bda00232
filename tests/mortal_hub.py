"""A hub of its own, which a test may kill and start again."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

from channels.layers import channel_layers
from pytest_django import Settings

from recognition.node.connections import Redis, connect
from recognition.people.gallery import live_gallery
from tests import processes
from tests.environment import FOLDER
from tests.servers import start_server


@dataclass(slots=True)
class MortalHub:
    """A hub that writes each command to disk before it answers."""

    folder: Path
    server: "Popen[bytes]" = field(init=False)

    @property
    def url(self) -> str:
        return f"unix://{self.folder / 'hub.sock'}"

    @property
    def redis(self) -> Redis:
        return connect(self.url)

    def start(self) -> None:
        self.server = start_server(self.folder / "hub.sock", "--appendonly", "yes", "--appendfsync", "always")

    def kill(self) -> None:
        processes.kill(self.server)


@contextmanager
def running_hub(settings: Settings) -> Iterator[MortalHub]:
    """It is the product's hub meanwhile."""
    hub = MortalHub(Path(tempfile.mkdtemp(dir=FOLDER)))
    hub.start()
    layer = settings.CHANNEL_LAYERS["default"]
    hosts = [{"address": hub.url, "socket_timeout": None}]
    settings.MALLVISION_HUB_URL = hub.url
    settings.CHANNEL_LAYERS = {"default": {**layer, "CONFIG": {**layer["CONFIG"], "hosts": hosts}}}
    yield hub
    hub.kill()
    channel_layers.backends.clear()
    live_gallery.cache_clear()
