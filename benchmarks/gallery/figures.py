"""What identifying and refreshing take, measured in processes of their own."""

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.cores import Cores
from benchmarks.mall import environment_in
from benchmarks.processes import Processes, shell
from benchmarks.report import aligned
from mallvision.environment import DataFolder

_COLUMNS = ("templates", "faces at once", "ms a face", "face_distance", "times faster", "goal", "met", "other answers")


@dataclass(frozen=True, slots=True)
class GalleryFigures:
    """The fields of each `identifying.Identified`, and of the `refreshing.Refreshed`."""

    identified: Sequence[dict[str, Any]]
    refreshed: dict[str, Any]

    def table(self) -> str:
        return aligned(_COLUMNS, [_row(one) for one in self.identified]) + "\n\n" + self._refreshing()

    def as_json(self) -> dict[str, Any]:
        return {"identified": list(self.identified), "refreshed": self.refreshed}

    def _refreshing(self) -> str:
        one = self.refreshed
        took = sorted(one["one_enrolment_ms"])
        return (
            f"One enrolment among {one['templates']:,} templates is taken over in {median(took):.1f} ms "
            f"({took[0]:.1f}-{took[-1]:.1f}); loading all of them takes {median(one['whole_ms']):.0f} ms."
        )


def measured(cores: Cores, quick: bool) -> GalleryFigures:
    folder = Path(tempfile.mkdtemp(prefix="mv-bench-gallery-"))
    try:
        with Processes(folder, environment_in(DataFolder(folder))) as processes:
            identified = processes.run(
                "identify", shell(f"benchmarks.gallery.identifying.measure({quick})"), cores.measured
            )
            refreshed = processes.run(
                "refresh", shell(f"benchmarks.gallery.refreshing.measure({quick})"), cores.measured
            )
            return GalleryFigures(json.loads(_last_line(identified)), json.loads(_last_line(refreshed)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _last_line(printed: str) -> str:
    """Before it stand warnings: no hub listens to these processes."""
    return printed.rstrip().rpartition("\n")[2]


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    ratios = sorted(floor / ms for ms, floor in zip(one["ms"], one["face_distance_ms"], strict=True))
    goal = one["goal"]
    return (
        f"{one['templates']:,}",
        str(one["together"]),
        f"{median(one['ms']):.3f}",
        f"{median(one['face_distance_ms']):.2f}",
        f"{median(ratios):.1f} ({ratios[0]:.1f}-{ratios[-1]:.1f})",
        f"{goal:g}" if goal else "",
        ("yes" if median(ratios) >= goal else "NO") if goal else "",
        str(one["other"]),
    )
