"""The product's decisions beside `face_recognition.face_distance`. Called with Django set up, in its own process."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import face_recognition
import numpy as np
from django.conf import settings

from benchmarks.gallery.people import TEMPLATES_EACH, People, face, people, probes
from recognition.people.block import Block, Candidate
from recognition.people.decision import Decision, PhotoFaces, Verdict, decide
from recognition.people.embeddings import SPACE, Float32
from recognition.people.index import Enrolled, Gallery

TOGETHER = (1, 32)
SEED = 20260101
SAME_WITHIN = 1e-5  # of a distance


@dataclass(frozen=True, slots=True)
class Size:
    templates: int
    faces: int
    rounds: int
    goal: float | None = None


FULL = (
    Size(1_000, 1000, 5),
    Size(10_000, 1000, 5, goal=10),
    Size(100_000, 1000, 5),
    Size(1_000_000, 96, 3, goal=20),
)
QUICK = (Size(1_000, 96, 1), Size(10_000, 96, 1, goal=10), Size(100_000, 64, 1))


@dataclass(frozen=True, slots=True)
class Identified:
    """ms: for each face, round by round. other: answers that differ from those by face_distance."""

    templates: int
    together: int
    goal: float | None
    faces: int
    ms: Sequence[float]
    face_distance_ms: Sequence[float]
    other: int


def measure(quick: bool) -> None:
    """Prints the fields of each Identified as JSON."""
    print(json.dumps([asdict(row) for size in (QUICK if quick else FULL) for row in _measured(size)]))


def _measured(size: Size) -> list[Identified]:
    random = np.random.default_rng(SEED)
    enrolled = people(size.templates, random)
    asked = probes(enrolled, size.faces, random)
    no_vetoes = np.zeros(size.templates, np.bool_)
    gallery = Gallery.of(1, Enrolled(templates=Block.of(enrolled.embeddings, enrolled.person_ids, no_vetoes)), {})
    _decide(gallery, asked[:1], 1)
    floor_ms: list[float] = []
    took_ms: dict[int, list[float]] = {together: [] for together in TOGETHER}
    other = dict.fromkeys(TOGETHER, 0)
    for part in np.array_split(asked, size.rounds):
        expected, ms = _by_face_distance(enrolled, part)
        floor_ms.append(ms)
        for together in TOGETHER:
            decisions, ms = _decide(gallery, part, together)
            took_ms[together].append(ms)
            other[together] += sum(map(_is_other, decisions, expected))
    return [
        Identified(size.templates, together, size.goal, size.faces, took_ms[together], floor_ms, other[together])
        for together in TOGETHER
    ]


def _decide(gallery: Gallery, embeddings: Float32, together: int) -> tuple[list[Decision], float]:
    """What was decided, as for photos with a face each; and ms for each face."""
    photos = [PhotoFaces([face(embedding)], SPACE) for embedding in embeddings]
    batches = [photos[start : start + together] for start in range(0, len(photos), together)]
    began = time.perf_counter()
    decided = [decision for batch in batches for (decision,) in decide(gallery, batch)]
    return decided, (time.perf_counter() - began) * 1000 / len(photos)


def _by_face_distance(enrolled: People, embeddings: Float32) -> tuple[list[list[Candidate]], float]:
    """The two nearest people; and ms for each face that face_distance alone took."""
    found, took_s = [], 0.0
    for embedding in embeddings:
        began = time.perf_counter()
        distances = face_recognition.face_distance(enrolled.embeddings, embedding)
        took_s += time.perf_counter() - began
        found.append(_two_nearest(distances, enrolled))
    return found, took_s * 1000 / len(embeddings)


def _two_nearest(distances: Float32, enrolled: People) -> list[Candidate]:
    each = distances.reshape(-1, TEMPLATES_EACH).min(axis=1)
    two = np.argpartition(each, 1)[:2]
    nearest = two[np.argsort(each[two])]
    return [Candidate(int(enrolled.person_ids[person * TEMPLATES_EACH]), float(each[person])) for person in nearest]


def _is_other(decision: Decision, expected: Sequence[Candidate]) -> bool:
    """Other people, other distances, or known where face_distance says stranger, or the other way round."""
    answers = [one for one in (decision.nearest, decision.runner_up) if one is not None]
    same_people = [one.person_id for one in answers] == [one.person_id for one in expected]
    apart = max((abs(one.distance - other.distance) for one, other in zip(answers, expected, strict=True)), default=0)
    is_known = expected[0].distance <= settings.MALLVISION_MATCH_DISTANCE
    return not same_people or apart > SAME_WITHIN or (decision.verdict is Verdict.STRANGER) == is_known
