"""Faces made up for tests: vectors at chosen distances, and bytes that look like JPEGs."""

from datetime import UTC, datetime, timedelta

import numpy as np

from cameras.models import Camera, CameraGroup
from recognition.node.messages import Face, Recognition
from recognition.people.block import Candidate
from recognition.people.decision import Decision, Verdict
from recognition.people.embeddings import SPACE, Float32
from recognition.people.models import Person, Template
from recognition.sightings.models import Outcome, Sighting

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FRONTAL = (30.0, 50.0, 50.0, 50.0, 70.0, 50.0, 90.0, 50.0, 60.0, 80.0)  # landmarks of a face that looks straight ahead
JPEG = b"\xff\xd8\xff\xe0 a made-up photo \xff\xd9"


def vector(seed: int) -> Float32:
    """Of length 1; any two lie about 1.4 apart."""
    random = np.random.default_rng(seed).standard_normal(128)
    return (random / np.linalg.norm(random)).astype(np.float32)


def at_distance(origin: Float32, distance: float, seed: int = 999) -> Float32:
    return (origin + distance * vector(seed)).astype(np.float32)


def face(embedding: Float32, quality: float = 0.5, thumbnail: bytes = JPEG) -> Face:
    """One that may be enrolled."""
    return Face((10, 20, 100, 120), FRONTAL, 0.9, quality, {}, embedding.astype("<f4").tobytes(), thumbnail)


def recognition(*faces: Face, space: str = SPACE) -> Recognition:
    return Recognition("reference", space, 640, 480, 1000, list(faces), b"")


def nobody() -> Decision:
    return Decision(Verdict.STRANGER, None, None, 0.6, 0.5)


def somebody(person_id: int, distance: float = 0.3) -> Decision:
    return Decision(Verdict.KNOWN, Candidate(person_id, distance), None, 0.6, 0.5)


def enrolled(name: str, *embeddings: Float32) -> Person:
    person = Person.objects.create(name=name)
    for embedding in embeddings:
        template(person, embedding)
    return person


def template(person: Person, embedding: Float32) -> Template:
    """Past all checks."""
    return Template.objects.create(
        person=person, embedding=embedding.tobytes(), space=SPACE, crop=JPEG, quality=0.5, digest="d" * 64
    )


def veto(person: Person, embedding: Float32) -> Template:
    """Says that this face is not the person's."""
    made = template(person, embedding)
    made.says = Template.Says.IS_NOT
    made.save()
    return made


def camera(slug: str = "gate-1", group: str = "entrance") -> Camera:
    home, _ = CameraGroup.objects.get_or_create(slug=group, defaults={"name": group})
    return Camera.objects.create(slug=slug, name=slug, group=home)


def sighting(at: Camera, person: Person | None = None, after_s: float = 0.0, thumbnail: bytes = JPEG) -> Sighting:
    moment = NOON + timedelta(seconds=after_s)
    return Sighting.objects.create(
        camera=at,
        person=person,
        first_seen=moment,
        last_seen=moment,
        quality=0.5,
        embedding=vector(1).tobytes(),
        space=SPACE,
        thumbnail=thumbnail,
    )


def outcome(at: Camera | None, snapshot: str, **fields: object) -> Outcome:
    moments = {"captured_at": NOON, "received_at": NOON, "recorded_at": NOON}
    defaults = {"purpose": "camera", "digest": "d" * 64, "state": Outcome.State.DONE}
    return Outcome(snapshot=snapshot, camera=at, **{**moments, **defaults, **fields})
