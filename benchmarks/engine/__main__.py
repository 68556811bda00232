"""`python -m benchmarks.engine` measures the fast engine beside face_recognition (docs/measuring.md)."""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.cores import Cores, choose_cores
from benchmarks.engine import tables
from benchmarks.engine.fast_side import BEST
from benchmarks.engine.figures import FULL, QUICK, Figures, measure
from benchmarks.engine.goals import COLUMNS, rows
from benchmarks.engine.photos import Studio, pictures_in
from benchmarks.engine.sources import default_folder
from benchmarks.processes import BenchmarkFailed
from benchmarks.report import aligned, run_json
from recognition.samples.photos import PhotosUnavailable


def main() -> int:
    arguments = _arguments()
    core = choose_cores().measured
    os.sched_setaffinity(0, {core})  # and with it every process that is started
    started_at = time.monotonic()
    try:
        figures = _measured(arguments)
    except (BenchmarkFailed, PhotosUnavailable) as error:
        print(f"benchmarks.engine: {error}", file=sys.stderr)
        return 1
    _print(figures)
    if arguments.json:
        whole = run_json(Cores(core, core), time.monotonic() - started_at) | tables.as_json(figures)
        arguments.json.write_text(json.dumps(whole, indent=1) + "\n")
        print(f"\nWritten to {arguments.json}")
    return 0


def _measured(arguments: argparse.Namespace) -> Figures:
    source: Path = arguments.photos or default_folder()
    pictures = pictures_in(source)
    if not pictures:
        raise BenchmarkFailed(f"there are no photos in {source}")
    with tempfile.TemporaryDirectory(prefix="mv-bench-") as folder:
        return measure(
            arguments.recipe,
            lambda fast: Studio(source, Path(folder), fast.boxes),
            pictures[0],
            QUICK if arguments.quick else FULL,
            lambda doing: print(f"{doing} …", file=sys.stderr),
        )


def _print(figures: Figures) -> None:
    print(f"{figures.recipe} by {figures.ready[0]['engine']}, beside {figures.ready[1]['engine']}; one core\n")
    print(aligned(tables.RATIOS, list(tables.ratio_rows(figures))))
    print()
    print(aligned(COLUMNS, rows(tables.goals(figures))))
    print(
        f"\nface_recognition: a further face {median(figures.further_ms[1]):.0f} ms, "
        f"first answer {median(figures.first_s[1]):.2f} s, resident {figures.memory_mb[1]['resident']:.0f} MB. "
        f"The fast engine's memory at its highest: {figures.memory_mb[0]['peak']:.0f} MB"
    )
    if plain := tables.plain_lines(figures):
        print("Ratio to face_recognition without the memory settings: " + ", ".join(plain))
    print("\nWhere the fast engine's time goes, ms")
    print(aligned(tables.STAGE_COLUMNS, list(tables.stage_rows(figures))))
    peaks = figures.peaks
    print(f"\nThis core at its best: {peaks['sgemm_gflops']:.1f} GFLOP/s, copies {peaks['copy_gb_per_s']:.1f} GB/s")
    print("\nPhotos:", *tables.photo_lines(figures), sep="\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.engine", description="Measures the fast engine beside face_recognition, on one core."
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to it, too")
    parser.add_argument("--photos", type=Path, metavar="DIR", help="real photos, some of one face, some of several")
    parser.add_argument("--quick", action="store_true", help="one round of each: about a minute, and rough")
    parser.add_argument(
        "--recipe", default=BEST, metavar="RECIPE", help="such as fast.640.fp32 (default: int8 at 640 where served)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
