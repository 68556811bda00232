"""The table for people and the JSON for machines."""

import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import psutil

from benchmarks.cores import Cores
from benchmarks.rounds import Comparison, Figure, Latency

_COLUMNS = ("figure", "product", "floor", "ratio (range)", "own processor", "goal", "met")


def table(figures: Sequence[Figure]) -> str:
    return aligned(_COLUMNS, [row for figure in figures for row in _rows(figure)])


def aligned(columns: Sequence[str], below: Sequence[Sequence[str]]) -> str:
    """Markdown, padded so that it reads as it stands."""
    rows = [columns, *below]
    widths = [max(len(row[column]) for row in rows) for column in range(len(columns))]
    lines = [_line(row, widths) for row in rows]
    lines.insert(1, _line(tuple("-" * width for width in widths), widths))
    return "\n".join(lines)


def as_json(figures: Sequence[Figure], cores: Cores, took_s: float) -> dict[str, Any]:
    return {**run_json(cores, took_s), "figures": [figure.as_json() for figure in figures]}


def run_json(cores: Cores, took_s: float) -> dict[str, Any]:
    """When it was measured, and on what."""
    return {
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "took_s": round(took_s, 1),
        "machine": {
            "processor": platform.processor() or platform.machine(),
            "cores": psutil.cpu_count(),
            "measured_core": cores.measured,
            "driving_core": cores.driving,
            "python": platform.python_version(),
            "load_average": psutil.getloadavg(),
        },
    }


def _rows(figure: Figure) -> list[tuple[str, ...]]:
    return _comparison_rows(figure) if isinstance(figure, Comparison) else _latency_rows(figure)


def _comparison_rows(figure: Comparison) -> list[tuple[str, ...]]:
    return [
        (
            f"{figure.name}, {figure.unit}",
            _number(figure.product),
            _number(figure.floor),
            f"{figure.ratio:.2f} ({figure.ratios[0]:.2f}-{figure.ratios[-1]:.2f})",
            f"{figure.cpu_ratio:.2f}",
            f"{figure.goal:g}",
            _yes_or_no(figure.is_met),
        )
    ]


def _latency_rows(figure: Latency) -> list[tuple[str, ...]]:
    return [
        (
            f"{figure.name}, {word}",
            f"{middle:.1f} ms",
            "",
            f"({each[0]:.1f}-{each[-1]:.1f} ms)",
            "",
            f"{goal:g} ms",
            _yes_or_no(middle <= goal),
        )
        for word, middle, each, goal in (
            ("p50", figure.p50_ms, figure.percentiles_ms(0.5), figure.goals_ms[0]),
            ("p99", figure.p99_ms, figure.percentiles_ms(0.99), figure.goals_ms[1]),
        )
    ]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "NO"
