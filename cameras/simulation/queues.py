"""What happens at the nodes' queues in the whole run."""

import numpy as np

from cameras.simulation.arrivals import Batch
from cameras.simulation.flow import Backlog, Service, serve
from cameras.simulation.overflow import Overflow, serve_one_by_one
from cameras.simulation.placements import Nodes, Placement


class Queues:
    """Takes batch after batch, and keeps the greatest of what it has seen."""

    def __init__(self, service: Service, placement: Placement) -> None:
        self._service = service
        self._placement = placement
        self._backlog = Backlog.none(service)
        self.most_jobs = np.zeros(service.nodes, np.int64)
        self.longest_wait_us = 0
        self.overflow = Overflow()

    def take(self, batch: Batch, firsts: Nodes) -> None:
        """firsts: the node that each snapshot is offered to first."""
        if not len(firsts):
            return
        served = serve(self._service, self._backlog, batch.times_us, firsts) or serve_one_by_one(
            self._service, self._backlog, batch, firsts, self._placement, self.overflow
        )
        self._backlog = served.backlog
        self.most_jobs = np.maximum(self.most_jobs, served.most_jobs)
        self.longest_wait_us = max(self.longest_wait_us, served.longest_wait_us)
