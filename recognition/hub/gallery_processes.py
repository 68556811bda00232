"""Which processes serve names at the moment, and which epoch of the gallery each has confirmed."""

from dataclasses import dataclass
from typing import cast

import msgspec

from recognition.hub.clock import hub_now_ms
from recognition.hub.keys import GALLERY_PROCESSES
from recognition.node.connections import Redis

LISTED_S = 4.0  # a process serves no names 2 s after it last confirmed; the rest covers what a hub's restart may lose


class Confirmation(msgspec.Struct, frozen=True, array_like=True):
    """That a process knew of `epoch` at `at_ms` by the hub's clock."""

    epoch: int
    at_ms: int


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Confirmation).decode


@dataclass(frozen=True, slots=True)
class GalleryProcesses:
    """The hub's hash of process id -> Confirmation. Entries older than LISTED_S count as gone."""

    hub: Redis

    def confirm(self, process: str, epoch: int) -> None:
        self.hub.hset(GALLERY_PROCESSES, process, _encode(Confirmation(epoch, self._now_ms())))

    def leave(self, process: str) -> None:
        self.hub.hdel(GALLERY_PROCESSES, process)

    def confirmed(self) -> dict[str, int]:
        """The epoch that each living process has confirmed. Forgets the dead."""
        raw = cast(dict[bytes, bytes], self.hub.hgetall(GALLERY_PROCESSES))
        oldest_ms = self._now_ms() - LISTED_S * 1000
        found = {process: _decode(value) for process, value in raw.items()}
        if dead := [process for process, said in found.items() if said.at_ms < oldest_ms]:
            self.hub.hdel(GALLERY_PROCESSES, *dead)
        return {process.decode(): said.epoch for process, said in found.items() if said.at_ms >= oldest_ms}

    def _now_ms(self) -> int:
        """Sets this process's copy of the hub's clock as well, which the collector goes by."""
        return hub_now_ms(self.hub)
