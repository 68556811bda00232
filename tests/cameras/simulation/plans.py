"""Small malls to simulate."""

from typing import Any

from cameras.simulation.plan import Bursts, Plan

NO_BURSTS = Bursts(every_s=0, lasts_s=10, cameras_percent=20, factor=5)


def plan(nodes: int = 4, **changes: Any) -> Plan:
    usual: dict[str, Any] = {
        "cameras": 50,
        "per_s": 1.0,
        "lasts_s": 120,
        "weights": (1.0,) * nodes,
        "workers": 1,
        "service_ms": 25.0,
        "limit_jobs": 78,
        "bursts": NO_BURSTS,
        "seed": 0,
    }
    return Plan(**(usual | changes))
