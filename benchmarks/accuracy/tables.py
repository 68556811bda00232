"""The tables for people and the JSON for machines."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isnan
from typing import Any

from benchmarks.accuracy.changes import Appearances, Idle
from benchmarks.accuracy.degrading import CAMERA
from benchmarks.accuracy.engines import LOOP, System
from benchmarks.accuracy.measuring import Clean
from benchmarks.accuracy.recall import LEAST_PX, Recall, missed
from benchmarks.accuracy.scores import Scores
from benchmarks.engine.goals import Goal

CLEAN = ("clean", "pairs", "accuracy", "FNR", "FMR", "AUC", "EER", "best at", "not found", "drift, greatest")


@dataclass(frozen=True, slots=True)
class Results:
    """recipe: the one that cameras' photos are recognised with. degraded: by degradation and system."""

    recipe: str
    systems: Sequence[System]
    clean: Clean
    degraded: Mapping[str, Mapping[str, Scores]]
    recalls: Sequence[Recall]
    appearances: Appearances
    idle: Idle

    @property
    def has_loop(self) -> bool:
        return LOOP in self.clean.faces

    @property
    def as_the_product(self) -> System:
        """The recipe's probes against faces that were enrolled."""
        alike = [system for system in self.systems if system.probe == self.recipe]
        return next((system for system in alike if system.gallery != system.probe), alike[0])


def clean_rows(results: Results) -> list[tuple[str, ...]]:
    return [_clean_row(results, system) for system in results.systems]


def _clean_row(results: Results, system: System) -> tuple[str, ...]:
    scores = results.clean.scores(system)
    drift = ""
    if results.has_loop and system.probe == system.gallery != LOOP:
        drift = "{:.3f}, {:.3f}".format(*results.clean.drift(system.probe))
    return (
        system.name,
        f"{scores.same + scores.other:,} ({scores.same:,} same)",
        _percent(scores.accuracy),
        _percent(scores.fnr),
        _percent(scores.fmr),
        f"{scores.auc:.5f}",
        _percent(scores.eer),
        f"{scores.best_threshold:.3f}: {_percent(scores.best_accuracy)}",
        str(results.clean.missing(system.probe)),
        drift,
    )


def degraded_rows(results: Results) -> list[tuple[str, ...]]:
    """FNR with faces that were not found counted as failed, FMR, and the EER of those that were found."""
    return [
        (name, *(_three(by_system[system.name]) for system in results.systems))
        for name, by_system in results.degraded.items()
    ]


def recall_rows(results: Results) -> list[tuple[str, ...]]:
    return [
        (f"{each.side_px} px", str(each.faces), *(_percent(found / each.faces) for found in each.found.values()))
        for each in results.recalls
        if each.faces
    ]


def goals(results: Results) -> list[Goal]:
    product = results.as_the_product
    camera = results.degraded[CAMERA.name][product.name]
    found = [
        Goal(f"faces of {LEAST_PX} px and more not found", missed(results.recalls, results.recipe), 0),
        Goal(f"FNR of {CAMERA.name} ({product.name})", camera.fnr * 100, 3.0, " %"),
        Goal("faces that appeared and passed for unchanged", results.appearances.missed + results.idle.missed, 0),
    ]
    if results.has_loop:
        fast = (name for name in results.clean.faces if name != LOOP)
        found[:0] = [_wrong_pairs(results.clean, name) for name in fast]
    return found


def _wrong_pairs(clean: Clean, name: str) -> Goal:
    wrong, loops = clean.wrong_beside_loop(name)
    return Goal(f"pairs that {name} gets wrong at 0.6 (face_recognition: {loops})", wrong, loops + 1)


def as_json(results: Results) -> dict[str, Any]:
    clean = results.clean
    return {
        "recipe": results.recipe,
        "people": len(set(clean.people)),
        "photos": [{"photo": photo.name, "place": photo.place} for photo in clean.photos],
        "photos_of_several_faces": clean.several,
        "clean": {system.name: _json(clean.scores(system)) for system in results.systems},
        "not_found": {name: clean.missing(name) for name in clean.faces},
        "drift": {name: clean.drift(name) for name in clean.faces if name != LOOP} if results.has_loop else {},
        "degraded": {
            name: {system: _json(scores) for system, scores in by_system.items()}
            for name, by_system in results.degraded.items()
        },
        "recall": [asdict(each) for each in results.recalls],
        "appearances": asdict(results.appearances),
        "idle_camera": asdict(results.idle),
        "goals": [goal.as_json() for goal in goals(results)],
    }


def _json(scores: Scores) -> dict[str, float | None]:
    """JSON has no NaN."""
    return {name: None if isnan(value) else value for name, value in asdict(scores).items()}


def _three(scores: Scores) -> str:
    return f"{_percent(scores.fnr)} / {_percent(scores.fmr)} / {_percent(scores.eer)}"


def _percent(share: float) -> str:
    return "-" if isnan(share) else f"{share * 100:.2f}"
