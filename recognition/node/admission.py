"""How much may wait on a node: under overload, snapshots of a low priority are refused first."""

from dataclasses import dataclass
from math import ceil

MOST_PRIORITY = 9
LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Limits:
    """jobs, photo_bytes: how many jobs may wait on a node, and how many bytes their photos may have together."""

    jobs: int
    photo_bytes: int

    def of_priority(self, priority: int) -> "Limits":
        """What a snapshot of `priority` (0 to 9) may use of them: half at 0, all at 9. At least one job."""
        share = LEAST_SHARE + (1 - LEAST_SHARE) * min(max(priority, 0), MOST_PRIORITY) / MOST_PRIORITY
        return Limits(max(1, round(self.jobs * share)), round(self.photo_bytes * share))

    def of_each(self, shards: int) -> "Limits":
        """What one of so many shards may use. Photos fall evenly over them."""
        return Limits(ceil(self.jobs / shards), ceil(self.photo_bytes / shards))
