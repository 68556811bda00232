"""Figures with a goal: whether it is met, and if not by how much it is missed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

COLUMNS = ("goal", "measured", "wanted", "met")


@dataclass(frozen=True, slots=True)
class Goal:
    """at_least: whether more is better. unit: what stands behind the numbers, "" for none."""

    name: str
    value: float
    wanted: float
    unit: str = ""
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        return self.value >= self.wanted if self.at_least else self.value <= self.wanted

    @property
    def verdict(self) -> str:
        """ "yes", or by how much it is missed."""
        return "yes" if self.is_met else f"NO, by {_number(abs(self.value - self.wanted))}{self.unit}"

    def row(self) -> tuple[str, ...]:
        word = "at least" if self.at_least else "at most"
        wanted = f"{word} {_number(self.wanted)}{self.unit}"
        return (self.name, f"{_number(self.value)}{self.unit}", wanted, self.verdict)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "value": self.value,
            "wanted": self.wanted,
            "unit": self.unit.strip(),
            "at_least": self.at_least,
            "met": self.is_met,
        }


def rows(goals: Sequence[Goal]) -> list[tuple[str, ...]]:
    return [goal.row() for goal in goals]


def _number(value: float) -> str:
    return f"{value:.0f}" if value == round(value) else f"{value:.3g}"
