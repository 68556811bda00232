"""The tables for people and the JSON for machines."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean, median
from typing import Any

from benchmarks.engine.figures import GOALS, Figures
from benchmarks.engine.goals import Goal
from benchmarks.engine.kernels import Peaks, limit_ms, total_ms
from benchmarks.engine.stages import HUFFMAN, STAGES
from benchmarks.rounds import Comparison

RATIOS = ("photo", "fast ms", "face_recognition ms", "ratio (range)", "own processor", "faces", "goal", "met")
KERNELS = ("decode", "resize", "detect", "align", "embed", "embed int8")


def ratio_rows(figures: Figures) -> Iterator[tuple[str, ...]]:
    for kind in figures.timed:
        comparison = figures.comparison(kind)
        goal = Goal(comparison.name, comparison.ratio, comparison.goal, at_least=True) if kind in GOALS else None
        yield (
            comparison.name,
            f"{1e3 / comparison.product:.2f}",
            f"{1e3 / comparison.floor:.0f}",
            f"{comparison.ratio:.1f} ({comparison.ratios[0]:.1f}-{comparison.ratios[-1]:.1f})",
            f"{comparison.cpu_ratio:.1f}",
            "unchanged" if kind.endswith("scene") else "{} / {}".format(*figures.faces(kind)),
            f"{comparison.goal:g}" if goal else "",
            goal.verdict if goal else "",
        )


def goals(figures: Figures) -> list[Goal]:
    """Those that are no ratio of times."""
    found = [
        Goal("a further face", figures.further_face_ms, 3.0, " ms"),
        Goal("first answer after the process's start", median(figures.first_s[0]), 0.5, " s"),
        Goal("resident memory after work", figures.memory_mb[0]["resident"], 160.0, " MB"),
    ]
    if "video" in figures.timed:
        fast, loop = figures.faces("video")
        found.append(
            Goal("faces on the street video, times face_recognition's", fast / max(1, loop), 1.5, at_least=True)
        )
    return found


def plain_lines(figures: Figures) -> list[str]:
    """Beside face_recognition as it comes, without the memory settings."""
    lines = []
    for kind, rounds in figures.timed.items():
        if rounds.plain:
            pairs = [(fast, plain) for (fast, _), plain in zip(rounds.pairs, rounds.plain, strict=True)]
            against = Comparison(kind, "photos/s", 0.0, pairs)
            lines.append(f"{figures.comparison(kind).name} {against.ratio:.1f}")
    return lines


def photo_lines(figures: Figures) -> Iterator[str]:
    """Which photos each kind was made of; kinds made of the same ones on one line."""
    kinds: dict[str, list[str]] = {}
    for kind, photos in figures.photos.items():
        sources = "; ".join(photo.source for photo in photos) if kind != "video" else f"{len(photos)} frames"
        if not kind.endswith("scene"):
            kinds.setdefault(sources, []).append(kind)
    return (f"- {', '.join(alike)}: {sources}" for sources, alike in kinds.items())


def stage_rows(figures: Figures) -> Iterator[tuple[str, ...]]:
    """One row for each recipe and kind of photo, and below it what the kernels alone would take."""
    peaks = Peaks(**figures.peaks)
    for recipe, photos in figures.stages.items():
        for kind in dict.fromkeys(photo["kind"] for photo in photos):
            alike = [photo for photo in photos if photo["kind"] == kind]
            mean = {key: fmean(photo["ms"][key] for photo in alike) for key in alike[0]["ms"]}
            shown = [mean[name] for name in STAGES]
            rest = mean["whole"] - sum(shown)
            yield (recipe, kind, f"{mean['faces']:.1f}", *(f"{value:.2f}" for value in (*shown, rest, mean["whole"])))
            yield _limit_row(recipe, kind, _limit(peaks, alike, int(recipe.split(".")[1])), mean)


STAGE_COLUMNS = ("recipe", "photo", "faces", *STAGES, "rest", "whole")


def _limit_row(recipe: str, kind: str, limit: Mapping[str, float], mean: Mapping[str, float]) -> tuple[str, ...]:
    is_int8 = recipe.endswith("int8")
    values = dict(limit, embed=limit["embed int8"] if is_int8 else limit["embed"])
    cells = [f"{values[name]:.2f}" if name in KERNELS else "" for name in STAGES]
    whole = total_ms(limit, int8=is_int8)
    return ("  kernels alone", f"huffman {mean[HUFFMAN]:.2f}", "", *cells, "", f"{whole:.2f}")


def _limit(peaks: Peaks, photos: Sequence[Mapping[str, Any]], side_px: int) -> dict[str, float]:
    limits = [
        limit_ms(peaks, one["ms"]["decode"], (one["width_px"], one["height_px"]), side_px, one["ms"]["faces"])
        for one in photos
    ]
    return {name: fmean(limit[name] for limit in limits) for name in KERNELS}


def as_json(figures: Figures) -> dict[str, Any]:
    compared = {kind: figures.comparison(kind) for kind in figures.timed}
    return {
        "recipe": figures.recipe,
        "engines": [ready["engine"] for ready in figures.ready],
        "photos": {kind: [photo.source for photo in photos] for kind, photos in figures.photos.items()},
        "figures": [
            {
                **comparison.as_json(),
                "fast_ms": 1e3 / comparison.product,
                "loop_ms": 1e3 / comparison.floor,
                "loop_plain_ms": [1e3 / one.per_s for one in figures.timed[kind].plain],
                "faces_of_each_photo": figures.timed[kind].faces,
            }
            for kind, comparison in compared.items()
        ],
        "goals": [goal.as_json() for goal in goals(figures)],
        "further_face_ms": figures.further_ms,
        "first_answer_s": figures.first_s,
        "memory_mb": figures.memory_mb,
        "stages": figures.stages,
        "peaks": figures.peaks,
    }
