"""Measuring something and its floor in turn, so that what disturbs the machine disturbs both."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement: operations per second, and processor time per operation of the process under test."""

    per_s: float
    cpu_us: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure beside its floor. Each round is a pair (product, floor) taken one right after the other."""

    name: str
    unit: str
    goal: float
    rounds: Sequence[tuple[Measured, Measured]]

    @property
    def product(self) -> float:
        return median(product.per_s for product, _ in self.rounds)

    @property
    def floor(self) -> float:
        return median(floor.per_s for _, floor in self.rounds)

    @property
    def ratios(self) -> list[float]:
        return sorted(product.per_s / floor.per_s for product, floor in self.rounds)

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def cpu_ratio(self) -> float:
        """The floor's processor time over the product's: what the ratio would be if only their own code counted."""
        return median(floor.cpu_us / product.cpu_us for product, floor in self.rounds)

    @property
    def is_met(self) -> bool:
        return self.ratio >= self.goal

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "unit": self.unit,
            "product": self.product,
            "floor": self.floor,
            "ratio": self.ratio,
            "ratio_range": [self.ratios[0], self.ratios[-1]],
            "cpu_ratio": self.cpu_ratio,
            "cpu_us": [median(pair[side].cpu_us for pair in self.rounds) for side in (0, 1)],
            "goal": self.goal,
            "met": self.is_met,
            "rounds": [{"product": asdict(product), "floor": asdict(floor)} for product, floor in self.rounds],
        }


def interleaved(
    product: Callable[[], Measured], floor: Callable[[], Measured], rounds: int
) -> list[tuple[Measured, Measured]]:
    """Each round in the other order than the one before: who comes second finds a warmer machine."""
    pairs = []
    for number in range(rounds):
        if number % 2:
            below, above = floor(), product()
        else:
            above, below = product(), floor()
        pairs.append((above, below))
    return pairs


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds of each snapshot, round by round, and the goals for their median and 99th percentile."""

    name: str
    goals_ms: tuple[float, float]
    rounds_ms: Sequence[Sequence[float]]

    def percentiles_ms(self, share: float) -> list[float]:
        """That of each round, the least first."""
        return sorted(percentile(one, share) for one in self.rounds_ms)

    @property
    def p50_ms(self) -> float:
        return median(self.percentiles_ms(0.5))

    @property
    def p99_ms(self) -> float:
        return median(self.percentiles_ms(0.99))

    @property
    def is_met(self) -> bool:
        return self.p50_ms <= self.goals_ms[0] and self.p99_ms <= self.goals_ms[1]

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "unit": "ms",
            "p50": self.p50_ms,
            "p99": self.p99_ms,
            "p50_rounds": self.percentiles_ms(0.5),
            "p99_rounds": self.percentiles_ms(0.99),
            "snapshots": sum(len(one) for one in self.rounds_ms),
            "goal": list(self.goals_ms),
            "met": self.is_met,
        }


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all are below or equal to."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


Figure = Comparison | Latency
