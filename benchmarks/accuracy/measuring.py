"""Every engine on every photo, clean and degraded."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from benchmarks.accuracy.degrading import DEGRADATIONS, degraded
from benchmarks.accuracy.engines import LOOP, Engine, Found, System, at, largest
from benchmarks.accuracy.pairs import Embeddings, clean_pairs, probe_pairs
from benchmarks.accuracy.people import Labelled
from benchmarks.accuracy.scores import Scores, scored

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Clean:
    """faces: by engine, one for each photo. several: how many photos show more than one face."""

    photos: Sequence[Labelled]
    faces: Mapping[str, Embeddings]
    several: int

    @property
    def people(self) -> list[str]:
        return [photo.person for photo in self.photos]

    def missing(self, engine: str) -> int:
        return sum(face is None for face in self.faces[engine])

    def scores(self, system: System) -> Scores:
        if system.probe == system.gallery:
            return scored(*clean_pairs(self.people, self.faces[system.probe]))
        same, other = probe_pairs(self.people, self.faces[system.probe], self.faces[system.gallery])
        return scored(same[np.isfinite(same)], other[np.isfinite(other)])

    def wrong_beside_loop(self, engine: str) -> tuple[int, int]:
        """How many pairs the engine and face_recognition get wrong, of those whose faces both have found."""
        both = list(zip(self.faces[engine], self.faces[LOOP], strict=True))
        found = [index for index, pair in enumerate(both) if pair[0] is not None and pair[1] is not None]
        people = [self.people[index] for index in found]
        own, loops = (scored(*clean_pairs(people, [both[index][side] for index in found])) for side in (0, 1))
        return own.wrong, loops.wrong

    def drift(self, engine: str) -> tuple[float, float]:
        """Median and greatest distance from face_recognition's embedding of the same face."""
        pairs = zip(self.faces[engine], self.faces[LOOP], strict=True)
        apart = [float(np.linalg.norm(one - other)) for one, other in pairs if one is not None and other is not None]
        return (median(apart), max(apart)) if apart else (float("nan"), float("nan"))


def look_at_all(photos: Sequence[Labelled], engines: Mapping[str, Engine]) -> Clean:
    """The person's face is the largest that the fast engine finds, or face_recognition where that finds none."""
    placed: list[Labelled] = []
    several = 0
    faces: dict[str, list[np.ndarray[tuple[int, ...], np.dtype[np.float32]] | None]] = {name: [] for name in engines}
    for photo in photos:
        content = photo.content()
        found = {name: engine(content) for name, engine in engines.items()}
        person = _person(found)
        placed.append(replace(photo, place=person.box if person else None))
        several += max(len(each) for each in found.values()) > 1
        for name, each in found.items():
            there = at(each, person.box) if person else None
            faces[name].append(there.embedding if there else None)
    return Clean(placed, faces, several)


def _person(found: Mapping[str, Sequence[Found]]) -> Found | None:
    in_order = sorted(found, key=lambda name: name == LOOP)
    return next((face for name in in_order if (face := largest(found[name]))), None)


def degraded_scores(
    clean: Clean, engines: Mapping[str, Engine], systems: Sequence[System], say: Say
) -> dict[str, dict[str, Scores]]:
    """By degradation and system: degraded probes against the clean faces of the other photos."""
    cuts = [(photo, cut) for photo in clean.photos if (cut := photo.cut())]
    people = [photo.person for photo, _ in cuts]
    kept = [index for index, photo in enumerate(clean.photos) if photo.place]
    galleries = {name: [faces[index] for index in kept] for name, faces in clean.faces.items()}
    scores: dict[str, dict[str, Scores]] = {}
    for by in DEGRADATIONS:
        say(by.name)
        made = [degraded(pixels, box, by, photo.name) for photo, (pixels, box) in cuts]
        probes = {
            name: [face.embedding if (face := at(engine(content), box)) else None for content, box in made]
            for name, engine in engines.items()
        }
        scores[by.name] = {
            one.name: scored(*probe_pairs(people, probes[one.probe], galleries[one.gallery])) for one in systems
        }
    return scores
