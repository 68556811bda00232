"""One process's copy of the gallery: whose names it may serve, and until when."""

import logging
import math
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import redis
from django.db import DatabaseError, close_old_connections, connection

from cameras.epochs import GALLERY, current
from cameras.models import Epoch
from recognition.hub.gallery_processes import GalleryProcesses
from recognition.hub.sync import hub
from recognition.people.index import UNKNOWN_EPOCH, Gallery
from recognition.people.loading import caught_up

LOOK_EVERY_S = 1.0
SERVES_UNCONFIRMED_S = 2.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Copy:
    gallery: Gallery
    confirmed_at: float  # by the process's clock, taken before the epoch was read


@dataclass(frozen=True, slots=True)
class _Valid:
    """What counts of a gallery from `since` until something of it expires. Times are seconds since 1970."""

    of: Gallery
    gallery: Gallery
    since: float
    until: float

    @classmethod
    def at(cls, gallery: Gallery, now: float) -> "_Valid":
        since, until = -math.inf, math.inf
        for moment in gallery.expiries():
            since, until = (max(since, moment), until) if moment <= now else (since, min(until, moment))
        return cls(gallery, gallery.valid_at(now) if since > -math.inf else gallery, since, until)

    def holds(self, gallery: Gallery, now: float) -> bool:
        return self.of is gallery and self.since <= now < self.until


class LiveGallery:
    """One process's copy of the gallery.

    Serves names only while the database and the hub have both answered within the last 2 s. The hub is told before
    anything is read: whoever serves names is known there, so no erasure returns without waiting for it.
    """

    def __init__(
        self,
        processes: GalleryProcesses,
        process: str = "",
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.process = process or f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._processes = processes
        self._clock = clock
        self._wall_clock = wall_clock
        self._copy = _Copy(Gallery(UNKNOWN_EPOCH), -math.inf)
        self._valid = _Valid.at(self._copy.gallery, wall_clock())
        self._looking = threading.Lock()
        self._looked_at = -math.inf
        self._told = UNKNOWN_EPOCH
        self._moved = False

    def current(self) -> Gallery:
        """What may be served right now; nobody's names while the epoch is unconfirmed. Never blocks."""
        copy = self._copy
        unconfirmed_s = self._clock() - copy.confirmed_at
        return self._valid_now(copy.gallery) if unconfirmed_s <= SERVES_UNCONFIRMED_S else Gallery(copy.gallery.epoch)

    def epoch_moved(self, number: int) -> None:
        """A hint that the next `refresh` should look at once."""
        if number > self._copy.gallery.epoch:
            self._moved = True

    def refresh(self) -> None:
        """Confirms the epoch, at most once a second. Blocks, and must stand outside of any transaction."""
        with self._looking:
            if self._is_due():
                self._look()

    def for_recording(self) -> Gallery:
        """The gallery for what the caller's transaction writes down, whatever the hub says.

        Holds the epoch's row until that transaction ends: an erasure commits before this read and is obeyed, or
        after what was written and removes it.
        """
        epoch = _locked_epoch()
        with self._looking:
            gallery = self._at(epoch)
            self._copy = replace(self._copy, gallery=gallery)
        return self._valid_now(gallery)

    def leave(self) -> None:
        """Serves no more names, and tells the hub not to wait for this process."""
        with self._looking:
            self._copy = _Copy(Gallery(UNKNOWN_EPOCH), -math.inf)
            try:
                self._processes.leave(self.process)
            except redis.RedisError as error:
                log.warning(
                    "the hub will notice by itself that this process serves no more names: %s", type(error).__name__
                )

    def _is_due(self) -> bool:
        if self._moved or self._told != self._copy.gallery.epoch:
            return True
        return self._clock() - self._looked_at >= LOOK_EVERY_S

    def _look(self) -> None:
        self._looked_at = self._clock()
        self._moved = False
        try:
            self._tell(self._copy.gallery.epoch)
            gallery = self._at(current(GALLERY))
            self._copy = _Copy(gallery, self._looked_at)
            if gallery.epoch != self._told:
                self._tell(gallery.epoch)
        except redis.RedisError as error:
            log.warning(
                "the hub cannot be told the gallery's epoch; after 2 s no names are served: %s", type(error).__name__
            )
        except DatabaseError as error:
            log.warning("the gallery's epoch cannot be read; after 2 s no names are served: %s", type(error).__name__)
            close_old_connections()  # a broken one would never heal by itself

    def _tell(self, epoch: int) -> None:
        self._processes.confirm(self.process, epoch)
        self._told = epoch

    def _at(self, epoch: int) -> Gallery:
        held = self._copy.gallery
        return held if held.epoch == epoch else caught_up(held, epoch)

    def _valid_now(self, gallery: Gallery) -> Gallery:
        """Time moves no epoch on: what has expired is taken out here, from the whole, as clocks may be set back."""
        now = self._wall_clock()
        valid = self._valid
        if not valid.holds(gallery, now):
            self._valid = valid = _Valid.at(gallery, now)
        return valid.gallery


def _locked_epoch() -> int:
    """Every recorded batch asks this: written out, it costs a fifth of what the ORM takes to say the same."""
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT number FROM {Epoch._meta.db_table} WHERE name = %s{lock}", [GALLERY])  # noqa: S608
        row = cursor.fetchone()
    return int(row[0]) if row else 0


@lru_cache(maxsize=1)
def live_gallery() -> LiveGallery:
    """This process's one copy."""
    return LiveGallery(GalleryProcesses(hub()))
