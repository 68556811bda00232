"""What is simulated: cameras that send to the nodes of one camera group."""

from dataclasses import dataclass

from cameras.placement import Seat

US_PER_S = 1_000_000
MOST_SNAPSHOTS_PER_S = 1_000_000


class BadPlan(ValueError):
    """Says in plain words what cannot be simulated."""


@dataclass(frozen=True, slots=True)
class Bursts:
    """Every `every_s` some cameras, `cameras_percent` of all and drawn anew, send `factor` times as much.

    The first burst begins half of `every_s` after the start. Without bursts `every_s` is 0.
    """

    every_s: float
    lasts_s: float
    cameras_percent: float
    factor: int

    def __post_init__(self) -> None:
        if self.every_s and self.lasts_s >= self.every_s:
            raise BadPlan(f"Bursts of {self.lasts_s:g} s cannot come every {self.every_s:g} s: they would never end.")

    @property
    def load_factor(self) -> float:
        """How many times as much as usual all cameras together send in a burst."""
        return 1 + self.cameras_percent / 100 * (self.factor - 1) if self.every_s else 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """cameras: each sends `per_s` snapshots a second, whose digests are all new, for `lasts_s` (whole seconds).

    weights: one for each node; a node of weight 2 has workers twice as quick. workers: of each node. service_ms: what
    a photo takes a worker of a node of weight 1. limit_jobs: how many may be at a node, waiting or in work.
    Raises BadPlan.
    """

    cameras: int
    per_s: float
    lasts_s: int
    weights: tuple[float, ...]
    workers: int
    service_ms: float
    limit_jobs: int
    bursts: Bursts
    seed: int

    def __post_init__(self) -> None:
        if self.lasts_s < 1:
            raise BadPlan("Less than a second cannot be simulated.")
        if self.peak_per_s > MOST_SNAPSHOTS_PER_S:
            raise BadPlan(
                f"{self.peak_per_s:,.0f} snapshots a second cannot be simulated, only {MOST_SNAPSHOTS_PER_S:,}."
            )

    @property
    def per_s_of_all(self) -> float:
        """Snapshots of all cameras outside bursts."""
        return self.cameras * self.per_s

    @property
    def peak_per_s(self) -> float:
        """The same in a burst."""
        return self.per_s_of_all * self.bursts.load_factor

    @property
    def photos_per_s(self) -> float:
        """What all nodes together can do."""
        return sum(self.weights) * self.workers * 1000 / self.service_ms

    @property
    def photos_per_s_less_one(self) -> float:
        """What they can do without the strongest of them."""
        return self.photos_per_s * (1 - max(self.weights) / sum(self.weights))

    @property
    def seats(self) -> list[Seat]:
        """The nodes with the ids that they would have in a new database."""
        return [Seat.of(node_id, weight) for node_id, weight in enumerate(self.weights, start=1)]
