"""Who a face belongs to: the nearest of the enrolled templates, decided from embeddings outside the nodes."""

import logging
import math
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import redis
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from numpy.typing import NDArray

from cameras.epochs import GALLERY, current
from cameras.models import Epoch
from recognition.hub.gallery_processes import GalleryProcesses
from recognition.hub.sync import hub
from recognition.people.embeddings import SPACE, Float32, OtherSpace, as_matrix, distances, row_squares
from recognition.people.models import Template

LOOK_EVERY_S = 1.0
SERVES_UNCONFIRMED_S = 2.0
UNKNOWN_EPOCH = -1

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Match:
    person_id: int
    name: str
    distance: float


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """The templates of one embedding space at one epoch. Never changes, so threads may share it.

    matrix: float32 (templates, 128); person_ids: int64 (templates,), whose template each row is.
    """

    epoch: int
    space: str
    matrix: Float32
    person_ids: NDArray[np.int64]
    names: Mapping[int, str]
    _squares: Float32 = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_squares", row_squares(self.matrix))

    def identify(self, embeddings: Float32, space: str) -> list[Match | None]:
        """For each of `embeddings`, float32 (n, 128), the nearest template within MALLVISION_MATCH_DISTANCE."""
        if space != self.space:
            raise OtherSpace(space, self.space)
        if not len(embeddings) or not len(self.matrix):
            return [None] * len(embeddings)
        away = distances(embeddings, self.matrix, self._squares)
        nearest = away.argmin(axis=1)
        return [self._match(int(row), float(line[row])) for row, line in zip(nearest, away, strict=True)]

    def _match(self, row: int, distance: float) -> Match | None:
        if not distance <= settings.MALLVISION_MATCH_DISTANCE:  # said this way round, not-a-number is no match
            return None
        person_id = int(self.person_ids[row])
        return Match(person_id, self.names[person_id], distance)


def empty_gallery(epoch: int = UNKNOWN_EPOCH) -> Gallery:
    return Gallery(epoch, SPACE, as_matrix([]), np.empty(0, np.int64), {})


def load_gallery(epoch: int) -> Gallery:
    """What the database holds now.

    `epoch` must have been read before: newer content under an older number is loaded once more at the next look,
    older content under a newer number would stay.
    """
    rows = Template.objects.filter(space=SPACE).order_by("pk").values_list("person_id", "person__name", "embedding")
    person_ids, names, embeddings = zip(*rows, strict=True) if rows else ((), (), ())
    return Gallery(
        epoch, SPACE, as_matrix(embeddings), np.array(person_ids, np.int64), dict(zip(person_ids, names, strict=True))
    )


@dataclass(frozen=True, slots=True)
class _Copy:
    gallery: Gallery
    confirmed_at: float  # by the process's clock, taken before the epoch was read


class LiveGallery:
    """One process's copy of the gallery.

    Serves names only while the database and the hub have both answered within the last 2 s. The hub is told before
    anything is read: whoever serves names is known there, so no erasure returns without waiting for it.
    """

    def __init__(
        self, processes: GalleryProcesses, process: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.process = process or f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._processes = processes
        self._clock = clock
        self._copy = _Copy(empty_gallery(), -math.inf)
        self._looking = threading.Lock()
        self._looked_at = -math.inf
        self._told = UNKNOWN_EPOCH
        self._moved = False

    def current(self) -> Gallery:
        """What may be served right now; nobody's names while the epoch is unconfirmed. Never blocks."""
        copy = self._copy
        unconfirmed_s = self._clock() - copy.confirmed_at
        return copy.gallery if unconfirmed_s <= SERVES_UNCONFIRMED_S else empty_gallery(copy.gallery.epoch)

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
        return gallery

    def leave(self) -> None:
        """Serves no more names, and tells the hub not to wait for this process."""
        with self._looking:
            self._copy = _Copy(empty_gallery(), -math.inf)
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
        return held if held.epoch == epoch else load_gallery(epoch)


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
