"""On which processor core what runs: everything that is measured on one, what drives it on another."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cores:
    """measured: the product or its floor, and the Redis servers. driving: load generator, browsers, readers.

    They are the same core on a machine that has only one.
    """

    measured: int
    driving: int


def choose_cores() -> Cores:
    usable = sorted(os.sched_getaffinity(0))
    return Cores(measured=usable[-1], driving=usable[0])
