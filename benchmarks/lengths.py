"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lengths:
    rounds: int
    lasts_s: float  # a round of uploads or deliveries
    jobs: int  # a round of dispatch
    slow_jobs: int  # a round of the worker on 30 ms jobs
    latency_rounds: int
    latency_lasts_s: float


FULL = Lengths(rounds=5, lasts_s=2.5, jobs=3000, slow_jobs=100, latency_rounds=3, latency_lasts_s=20.0)
QUICK = Lengths(rounds=1, lasts_s=1.0, jobs=1000, slow_jobs=25, latency_rounds=1, latency_lasts_s=3.0)
