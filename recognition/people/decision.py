"""Whether a face is an enrolled person's, and why: decided from one photo alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from django.conf import settings

from recognition.node.messages import Face
from recognition.people.block import Candidate, Nearest
from recognition.people.embeddings import as_matrix
from recognition.people.index import Gallery


class Verdict(StrEnum):
    KNOWN = "known"
    STRANGER = "stranger"  # nobody is near enough
    AMBIGUOUS = "ambiguous"  # two people are about equally near
    TAKEN = "taken"  # the person is another, nearer face on the same photo
    POOR = "poor"  # too poor a face to say


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided of a face, and on which grounds.

    nearest, runner_up: the nearest person and the next, whether or not near enough. threshold: what held for the
    nearest. quality: what was held against MALLVISION_QUALITY_LIMIT.
    """

    verdict: Verdict
    nearest: Candidate | None
    runner_up: Candidate | None
    threshold: float
    quality: float

    @property
    def person_id(self) -> int | None:
        return self.nearest.person_id if self.nearest and self.verdict is Verdict.KNOWN else None

    @property
    def distance(self) -> float | None:
        return self.nearest.distance if self.nearest else None

    @property
    def next_distance(self) -> float | None:
        return self.runner_up.distance if self.runner_up else None


@dataclass(frozen=True, slots=True)
class PhotoFaces:
    """The faces of one photo, and its camera's own threshold if it has one."""

    faces: Sequence[Face]
    space: str
    threshold: float | None = None


def decide(gallery: Gallery, photos: Sequence[PhotoFaces]) -> list[list[Decision]]:
    """For each photo a decision for each of its faces: one matrix product for all of them."""
    comparable = [face for photo in photos if photo.space == gallery.space for face in photo.faces]
    embeddings = as_matrix([face.embedding for face in comparable])
    found = iter(gallery.nearest(embeddings, gallery.space))
    decisions = []
    for photo in photos:
        # Nobody is enrolled in another space.
        nearest: list[Nearest] = [next(found) if photo.space == gallery.space else () for _ in photo.faces]
        pairs = zip(photo.faces, nearest, strict=True)
        decisions.append(_one_face_each([_decided(gallery, face, near, photo.threshold) for face, near in pairs]))
    return decisions


def telling_quality(face: Face) -> float:
    """How far a face can be told from others, 0 to 1.

    Measured on 2,090 probes: sharpness removes half of the faces that would be taken for someone else, a small side or
    a low score hardly any, unless nothing is left of the size (under 20 px).
    """
    parts = face.quality_parts
    return 0.0 if parts.get("size") == 0 else parts.get("sharpness", face.quality)


def _decided(gallery: Gallery, face: Face, near: Nearest, camera_threshold: float | None) -> Decision:
    nearest, runner_up = (*near, None, None)[:2]
    own = gallery.threshold_of(nearest.person_id) if nearest else None
    threshold = own or camera_threshold or settings.MALLVISION_MATCH_DISTANCE
    quality = telling_quality(face)
    return Decision(_verdict(nearest, runner_up, threshold, quality), nearest, runner_up, threshold, quality)


def _verdict(nearest: Candidate | None, runner_up: Candidate | None, threshold: float, quality: float) -> Verdict:
    if quality < settings.MALLVISION_QUALITY_LIMIT:
        return Verdict.POOR
    if nearest is None or nearest.distance > threshold:
        return Verdict.STRANGER
    if runner_up is not None and runner_up.distance - nearest.distance < settings.MALLVISION_MATCH_MARGIN:
        return Verdict.AMBIGUOUS
    return Verdict.KNOWN


def _one_face_each(decisions: list[Decision]) -> list[Decision]:
    """No person twice on a photo: the nearest face has them. The other one is nobody else's either, by its looks."""
    result = list(decisions)
    taken: set[int | None] = set()
    for place in sorted(range(len(decisions)), key=lambda place: decisions[place].distance or 0.0):
        person = decisions[place].person_id
        if person in taken and person is not None:
            result[place] = replace(decisions[place], verdict=Verdict.TAKEN)
        taken.add(person)
    return result
