"""Runs a plan by both rules at once, over the same snapshots."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cameras.simulation.arrivals import Arrivals, Batch
from cameras.simulation.flow import Service
from cameras.simulation.moving import Change, Moved, Rule
from cameras.simulation.placements import Modulo, Rendezvous
from cameras.simulation.plan import BadPlan, Plan
from cameras.simulation.queues import Queues
from cameras.simulation.spread import Spread

RULES: dict[str, Rule] = {"rendezvous": Rendezvous, "modulo": Modulo}


class Trial:
    """What one rule makes of the snapshots."""

    def __init__(self, plan: Plan, rule: Rule, moved: Moved) -> None:
        took_us = [max(1, round(1000 * plan.service_ms / weight)) for weight in plan.weights]
        self._placement = rule(plan.seats)
        self.spread = Spread(plan.weights)
        self.queues = Queues(Service(np.array(took_us), plan.workers, plan.limit_jobs), self._placement)
        self.moved = moved

    def take(self, batch: Batch) -> None:
        nodes = self._placement.first(batch.photos)
        self.spread.count(batch, nodes)
        self.queues.take(batch, nodes)


@dataclass(frozen=True, slots=True)
class Simulated:
    """in_bursts: how many of the snapshots were sent because of bursts. ideal: what a perfect rule would move."""

    plan: Plan
    snapshots: int
    in_bursts: int
    ideal: Moved
    trials: dict[str, Trial]


def simulate(plan: Plan, progress: Callable[[float], None]) -> Simulated:
    """progress: told the share of the time that is done. Raises BadPlan when nothing would be sent."""
    change = Change(plan.seats, plan.seed)
    trials = {name: Trial(plan, rule, change.moved(rule)) for name, rule in RULES.items()}
    snapshots = in_bursts = 0
    for batch in Arrivals(plan).batches():
        for trial in trials.values():
            trial.take(batch)
        snapshots += len(batch.times_us)
        in_bursts += batch.in_bursts
        progress((batch.first_s + batch.seconds) / plan.lasts_s)
    if not snapshots:
        raise BadPlan("not one snapshot is sent in that time")
    return Simulated(plan, snapshots, in_bursts, change.ideal(), trials)
