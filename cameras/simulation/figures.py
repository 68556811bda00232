"""The simulation's figures for programs."""

from dataclasses import asdict
from itertools import groupby
from typing import Any

import numpy as np

from cameras.simulation.plan import US_PER_S
from cameras.simulation.simulation import Simulated, Trial


def as_json(simulated: Simulated) -> dict[str, Any]:
    plan = simulated.plan
    return {
        "plan": {**asdict(plan), "nodes": len(plan.weights), "weights": _spoken(plan.weights)},
        "snapshots": simulated.snapshots,
        "in_bursts": simulated.in_bursts,
        "load": plan.per_s_of_all / plan.photos_per_s,
        "load_in_bursts": plan.peak_per_s / plan.photos_per_s,
        "ideal_moved": simulated.ideal.as_json(),
        **{name: _trial(trial) for name, trial in simulated.trials.items()},
    }


def p95_jobs(trial: Trial) -> float:
    """What the longest queues of 95 nodes of 100 stay below."""
    return float(np.percentile(trial.queues.most_jobs, 95))


def _spoken(weights: tuple[float, ...]) -> str:
    """As the option has them: 80x1,20x2."""
    return ",".join(f"{len(list(alike))}x{weight:g}" for weight, alike in groupby(weights))


def _trial(trial: Trial) -> dict[str, Any]:
    spread, queues = trial.spread, trial.queues
    return {
        "spread": {
            "whole": spread.whole.as_json(),
            "per_minute": spread.per_minute and spread.per_minute.as_json(),
            "per_second": spread.per_second and spread.per_second.as_json(),
        },
        "moved": trial.moved.as_json(),
        "peak_queue_jobs": {"max": int(queues.most_jobs.max()), "p95": p95_jobs(trial)},
        "longest_wait_s": queues.longest_wait_us / US_PER_S,
        "to_second_node": queues.overflow.second,
        "to_later_node": queues.overflow.further,
        "refused": queues.overflow.refused,
    }
