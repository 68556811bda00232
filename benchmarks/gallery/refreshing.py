"""How long a process takes to take over one enrolment, and to load everything. Called with Django set up."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TypeVar

import numpy as np
from django.core.management import call_command

from benchmarks.gallery.identifying import SEED
from benchmarks.gallery.people import people
from cameras.epochs import GALLERY, current
from recognition.people.changes import gallery_changed
from recognition.people.embeddings import SPACE, Float32
from recognition.people.loading import caught_up, load_gallery
from recognition.people.models import Person, Template

T = TypeVar("T")

TEMPLATES, QUICK_TEMPLATES = 100_000, 10_000
ENROLMENTS = 20
AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Refreshed:
    templates: int
    whole_ms: list[float]
    one_enrolment_ms: list[float]


def measure(quick: bool) -> None:
    """Prints the fields of a Refreshed as JSON."""
    call_command("migrate", verbosity=0)
    made = people(QUICK_TEMPLATES if quick else TEMPLATES, np.random.default_rng(SEED))
    for start in range(0, len(made.embeddings), AT_ONCE):
        _fill(made.embeddings[start : start + AT_ONCE])
    gallery_changed()
    whole = [_timed(lambda: load_gallery(current(GALLERY))) for _ in range(3)]
    held, took_ms = whole[-1][0], []
    for number in range(ENROLMENTS):
        person = Person.objects.create(name=f"New {number}")
        Template.objects.create(
            person=person, embedding=made.embeddings[number].tobytes(), space=SPACE, crop=b"", quality=1.0, digest=""
        )
        held, ms = _timed(lambda: caught_up(held, current(GALLERY)))  # noqa: B023 (called at once)
        took_ms.append(ms)
    print(json.dumps(asdict(Refreshed(len(made.embeddings), [ms for _, ms in whole], took_ms))))


def _fill(embeddings: Float32) -> None:
    """A person for each template, which is the most work."""
    persons = Person.objects.bulk_create(Person(name=f"Person {number}") for number in range(len(embeddings)))
    Template.objects.bulk_create(
        Template(person=person, embedding=embedding.tobytes(), space=SPACE, crop=b"", quality=1.0, digest="")
        for person, embedding in zip(persons, embeddings, strict=True)
    )


def _timed(run: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    result = run()
    return result, (time.perf_counter() - began) * 1000
