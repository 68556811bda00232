"""`python -m benchmarks` measures the product beside its floors (docs/measuring.md)."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.cores import choose_cores
from benchmarks.figures.latency import upload_to_browser
from benchmarks.figures.push import push
from benchmarks.figures.uploads import hit_path, miss_path
from benchmarks.figures.workers import dispatch, slow_jobs
from benchmarks.gallery.figures import GalleryFigures
from benchmarks.gallery.figures import measured as gallery_figures
from benchmarks.lengths import FULL, QUICK, Lengths
from benchmarks.mall import Mall, open_mall
from benchmarks.processes import BenchmarkFailed
from benchmarks.report import as_json, table
from benchmarks.rounds import Figure

RESULTS = Path(__file__).parent / "results"
FIGURES: dict[str, Callable[[Mall, Lengths], Figure]] = {
    "hit": hit_path,
    "miss": miss_path,
    "dispatch": dispatch,
    "worker": slow_jobs,
    "latency": upload_to_browser,
    "push": push,
}
GALLERY = "gallery"  # in processes of its own, without a mall
ALL = [*FIGURES, GALLERY]


def main() -> int:
    arguments = _arguments()
    cores = choose_cores()
    os.sched_setaffinity(0, {cores.driving})
    started_at = time.monotonic()
    figures: list[Figure] = []
    gallery: GalleryFigures | None = None
    try:
        if in_mall := [name for name in arguments.only if name != GALLERY]:
            with open_mall(cores) as mall:
                figures = [_measure(name, mall, QUICK if arguments.quick else FULL) for name in in_mall]
        if GALLERY in arguments.only:
            print(f"measuring {GALLERY} …", file=sys.stderr)
            gallery = gallery_figures(cores, arguments.quick)
    except BenchmarkFailed as error:
        print(f"benchmarks: {error}", *error.__dict__.get("__notes__", ()), sep="\n", file=sys.stderr)
        return 1
    print(*([table(figures)] if figures else []), *([gallery.table()] if gallery else []), sep="\n\n")
    file: Path = arguments.json
    file.parent.mkdir(parents=True, exist_ok=True)
    found = as_json(figures, cores, time.monotonic() - started_at) | {GALLERY: gallery.as_json() if gallery else None}
    file.write_text(json.dumps(found, indent=1) + "\n")
    print(f"\nWritten to {file}")
    return 0


def _measure(name: str, mall: Mall, lengths: Lengths) -> Figure:
    print(f"measuring {name} …", file=sys.stderr)
    mall.empty()
    return FIGURES[name](mall, lengths)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures MallVision beside its floors.")
    parser.add_argument("--quick", action="store_true", help="one short round of each: under 40 s, and rough")
    parser.add_argument("--only", nargs="+", choices=ALL, default=ALL, help="these figures alone")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    parser.add_argument("--json", type=Path, metavar="FILE", default=RESULTS / f"{now}.json", help="where to write to")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
