"""`python -m benchmarks.accuracy --people DIR` measures how well people are told apart (docs/measuring.md)."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.accuracy import tables
from benchmarks.accuracy.changes import Watcher, appearances, idle_camera
from benchmarks.accuracy.engines import LOOP, engines, systems
from benchmarks.accuracy.measuring import degraded_scores, look_at_all
from benchmarks.accuracy.people import read_people
from benchmarks.accuracy.recall import recall_by_size
from benchmarks.accuracy.tables import Results
from benchmarks.cores import choose_cores
from benchmarks.engine.fast_side import best_recipe
from benchmarks.engine.goals import COLUMNS, rows
from benchmarks.engine.sources import SAMPLES
from benchmarks.processes import BenchmarkFailed
from benchmarks.report import aligned, run_json
from recognition.engine import Recognizer, load_recognizer
from recognition.recipe import INT8, Recipe

TRIALS, IDLE_PHOTOS = 200, 360
QUICK_TRIALS, QUICK_IDLE_PHOTOS = 20, 40


def main() -> int:
    arguments = _arguments()
    started_at = time.monotonic()
    try:
        results = _measured(arguments)
    except BenchmarkFailed as error:
        print(f"benchmarks.accuracy: {error}", file=sys.stderr)
        return 1
    _print(results)
    if arguments.json:
        whole = run_json(choose_cores(), time.monotonic() - started_at) | tables.as_json(results)
        arguments.json.write_text(json.dumps(whole, indent=1) + "\n")
        print(f"\nWritten to {arguments.json}")
    return 0


def _measured(arguments: argparse.Namespace) -> Results:
    people = read_people(arguments.people)
    recognizer = load_recognizer("fast")
    recipe, recipes = _recipes(recognizer, arguments.recipe)
    compared = engines(recognizer, recipes, loop_too=arguments.reference)
    asked = systems(list(compared))
    _say(f"looking at {len(people)} photos")
    clean = look_at_all(people, compared)
    watcher = Watcher(recognizer, recipe)
    detectors = {name: compared[name] for name in (LOOP, recipe) if name in compared}
    trials, photos = (QUICK_TRIALS, QUICK_IDLE_PHOTOS) if arguments.quick else (TRIALS, IDLE_PHOTOS)
    return Results(
        recipe=recipe,
        systems=asked,
        clean=clean,
        degraded=degraded_scores(clean, compared, asked, _say),
        recalls=recall_by_size(clean.photos, detectors),
        appearances=appearances(watcher, clean.photos, trials),
        idle=idle_camera(watcher, clean.photos, photos),
    )


def _recipes(recognizer: Recognizer, asked: str | None) -> tuple[str, Sequence[str]]:
    """The one of cameras, and all that are compared: in either precision, and for enrolment."""
    chosen = asked or best_recipe(recognizer.recipes)
    if chosen not in recognizer.recipes:
        raise BenchmarkFailed(f"{chosen} is not served here: {', '.join(sorted(recognizer.recipes))}")
    exact = Recipe.parse(chosen).exact
    wanted = (str(exact), str(Recipe(exact.family, exact.side_px, INT8)), str(exact.for_enrolment), chosen)
    return chosen, [text for text in dict.fromkeys(wanted) if text in recognizer.recipes]


def _print(results: Results) -> None:
    clean, idle, appeared = results.clean, results.idle, results.appearances
    names = tuple(system.name for system in results.systems)
    print(
        f"{len(clean.photos)} photos of {len(set(clean.people))} people; of {clean.several} with several faces the "
        f"largest is taken. Rates in percent, at distance 0.6\n"
    )
    print(aligned(tables.CLEAN, tables.clean_rows(results)))
    print("\nDegraded probes against the clean photos: FNR (not found is failed) / FMR / EER of those found\n")
    print(aligned(("probe", *names), tables.degraded_rows(results)))
    print("\nFaces found by their side in the detector's input\n")
    print(aligned(("side", "faces", *results.recalls[0].found), tables.recall_rows(results)))
    print(
        f"\nChange test: of {appeared.found} faces that appeared in an empty hall {appeared.missed} passed for "
        f"unchanged. An idle camera: {idle.unchanged / idle.photos:.0%} of {idle.photos} photos answered as unchanged, "
        f"{idle.missed} of {idle.faces} faces missed\n"
    )
    print(aligned(COLUMNS, rows(tables.goals(results))))


def _say(doing: str) -> None:
    print(f"{doing} …", file=sys.stderr)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.accuracy", description="Measures how well people are told apart."
    )
    parser.add_argument(
        "--people", type=Path, metavar="DIR", required=not SAMPLES.is_dir(), default=SAMPLES / "people",
        help="a folder of NAME/photo.jpg",
    )  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to it, too")
    parser.add_argument("--recipe", metavar="RECIPE", help="of cameras' photos (default: int8 at 640 where served)")
    parser.add_argument(
        "--reference",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="face_recognition too, which takes most of the time (default: yes)",
    )
    parser.add_argument("--quick", action="store_true", help="a short change test")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
