"""Folding the faces of snapshots into sightings: one row for as long as someone stays in front of a camera."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

import numpy as np
from django.conf import settings
from django.db.models import Q

from recognition.node.messages import Face
from recognition.people.decision import Decision
from recognition.people.embeddings import Float32, as_vector
from recognition.sightings.models import Sighting

_SPAN = ("first_seen", "last_seen", "frames", "distance")
_BEST_FACE = ("quality", "embedding", "thumbnail", "space")


@dataclass(frozen=True, slots=True)
class SeenFace:
    """A face on a camera's snapshot, and what was decided of it; one that is nobody's is a stranger's."""

    camera_id: int
    captured_at: datetime
    face: Face
    space: str
    decision: Decision

    @property
    def person_id(self) -> int | None:
        return self.decision.person_id

    @property
    def distance(self) -> float | None:
        """To the person; None for a stranger."""
        return None if self.person_id is None else self.decision.distance


def fold(seen: Sequence[SeenFace], gap_s: float) -> list[Sighting]:
    """For each of `seen` the sighting that it continued or began, saved within the caller's transaction.

    A face continues a sighting of the same person (a stranger: of a like face) at its camera when it was captured
    no more than `gap_s` before its first or after its last frame, so frames may arrive in any order. Two faces of one
    moment at one camera are two people. Sightings that turn out to touch are left apart.
    """
    if not seen:
        return []
    gap = timedelta(seconds=gap_s)
    tracks = _tracks_by_place(_open_sightings(seen, gap))
    takers: dict[int, _Track] = {}
    for place, face in sorted(enumerate(seen), key=lambda placed: placed[1].captured_at):
        beside = tracks[face.camera_id, face.person_id]
        track = _nearest(face, [track for track in beside if track.may_continue(face, gap)])
        if track is None:
            track = _Track.begun_by(face)
            beside.append(track)
        else:
            track.take(face)
        takers[place] = track
    _save([track for beside in tracks.values() for track in beside if track.moments])
    return [takers[place].sighting for place in range(len(seen))]


def extend(still_there: Mapping[int, Sequence[datetime]], gap_s: float) -> None:
    """Moves `last_seen` on to the moments, by sighting id, at which an unchanged scene still showed its face.

    No new evidence, so nothing else changes. A sighting that is gone stays gone; one that was out of sight for more
    than `gap_s` is over. Within the caller's transaction: one query, and one statement for all that change.
    """
    if not still_there:
        return
    gap = timedelta(seconds=gap_s)
    rows = Sighting.objects.select_for_update().filter(pk__in=still_there).order_by("pk")
    changed = []
    for row in rows.defer("thumbnail", "embedding"):
        before = row.last_seen
        for moment in sorted(still_there[row.pk]):
            if row.last_seen < moment <= row.last_seen + gap:
                row.last_seen = moment
        if row.last_seen != before:
            changed.append(_without_face(row))
    _overwrite(changed, ["last_seen"])


@dataclass(slots=True, eq=False)
class _Track:
    """A sighting while a batch is folded into it."""

    sighting: Sighting
    embedding: Float32
    moments: set[datetime] = field(default_factory=set)  # of this batch's frames
    best_face_changed: bool = False

    @classmethod
    def of(cls, sighting: Sighting) -> "_Track":
        return cls(sighting, as_vector(sighting.embedding))

    @classmethod
    def begun_by(cls, face: SeenFace) -> "_Track":
        sighting = Sighting(
            camera_id=face.camera_id,
            person_id=face.person_id,
            distance=face.distance,
            first_seen=face.captured_at,
            last_seen=face.captured_at,
            quality=face.face.quality,
            embedding=face.face.embedding,
            space=face.space,
            thumbnail=face.face.thumbnail,
        )
        return cls(sighting, as_vector(face.face.embedding), {face.captured_at})

    def may_continue(self, face: SeenFace, gap: timedelta) -> bool:
        near = self.sighting.first_seen - gap <= face.captured_at <= self.sighting.last_seen + gap
        return near and face.captured_at not in self.moments

    def take(self, face: SeenFace) -> None:
        row = self.sighting
        row.first_seen = min(row.first_seen, face.captured_at)
        row.last_seen = max(row.last_seen, face.captured_at)
        row.frames += 1
        if face.distance is not None:
            row.distance = min(face.distance, face.distance if row.distance is None else row.distance)
        self.moments.add(face.captured_at)
        if face.face.quality > row.quality:
            row.quality, row.space = face.face.quality, face.space
            row.embedding, row.thumbnail = face.face.embedding, face.face.thumbnail
            self.embedding = as_vector(face.face.embedding)
            self.best_face_changed = True


Place = tuple[int, int | None]  # camera, and person or None for strangers


def _tracks_by_place(sightings: Iterable[Sighting]) -> defaultdict[Place, list[_Track]]:
    tracks: defaultdict[Place, list[_Track]] = defaultdict(list)
    for sighting in sightings:
        tracks[sighting.camera_id, sighting.person_id].append(_Track.of(sighting))
    return tracks


def _open_sightings(seen: Sequence[SeenFace], gap: timedelta) -> Iterable[Sighting]:
    """What the faces could continue, locked. Thumbnails stay in the database: they are large, and only replaced."""
    wanted = reduce(or_, (_near(faces, gap) for faces in _stretches(seen, gap)))
    return Sighting.objects.select_for_update().filter(wanted).order_by("pk").defer("thumbnail")


def _stretches(seen: Sequence[SeenFace], gap: timedelta) -> list[list[SeenFace]]:
    """The faces by time, in stretches of at most `gap`: one frame from years ago must not ask for all years since."""
    stretches: list[list[SeenFace]] = []
    for face in sorted(seen, key=lambda face: face.captured_at):
        if stretches and face.captured_at - stretches[-1][0].captured_at <= gap:
            stretches[-1].append(face)
        else:
            stretches.append([face])
    return stretches


def _near(faces: Sequence[SeenFace], gap: timedelta) -> Q:
    """The sightings that a stretch of faces could continue."""
    person_ids = {face.person_id for face in faces} - {None}
    strangers = Q(person=None, camera__in={face.camera_id for face in faces if face.person_id is None})
    known = Q(person__in=person_ids, camera__in={face.camera_id for face in faces if face.person_id is not None})
    first, last = faces[0].captured_at, faces[-1].captured_at
    return Q(last_seen__gte=first - gap, first_seen__lte=last + gap) & (strangers | known)


def _nearest(face: SeenFace, tracks: Sequence[_Track]) -> _Track | None:
    """Of the sightings that `face` may continue, the one with the most alike face."""
    if face.person_id is None:
        tracks = [track for track in tracks if track.sighting.space == face.space]
    if not tracks:
        return None
    away = np.linalg.norm(np.stack([track.embedding for track in tracks]) - as_vector(face.face.embedding), axis=1)
    nearest = int(away.argmin())
    if face.person_id is None and not away[nearest] <= settings.MALLVISION_MATCH_DISTANCE:
        return None
    return tracks[nearest]


def _save(touched: Sequence[_Track]) -> None:
    old = [track for track in touched if track.sighting.pk is not None]
    Sighting.objects.bulk_create([track.sighting for track in touched if track.sighting.pk is None])
    _overwrite([track.sighting for track in old if track.best_face_changed], [*_SPAN, *_BEST_FACE])
    _overwrite([_without_face(track.sighting) for track in old if not track.best_face_changed], _SPAN)


def _overwrite(rows: Sequence[Sighting], fields: Sequence[str]) -> None:
    """As an upsert of locked rows, which all exist: bulk_update took ten times as long for 200 rows (CASE for each)."""
    if rows:
        Sighting.objects.bulk_create(rows, update_conflicts=True, unique_fields=["pk"], update_fields=fields)


def _without_face(row: Sighting) -> Sighting:
    """Fit to be overwritten in its span alone: nothing is encrypted that is not stored."""
    return Sighting(
        pk=row.pk,
        camera_id=row.camera_id,
        person_id=row.person_id,
        distance=row.distance,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        frames=row.frames,
        quality=row.quality,
        embedding=b"",
        space=row.space,
        thumbnail=b"",
    )
