"""Every fault there is, in the order in which they are tried. A fault that needs other servers brings them along."""

from collections.abc import Sequence

from benchmarks.faults.clocks import JUMPS
from benchmarks.faults.failing_over import FAILOVERS
from benchmarks.faults.fault import Fault
from benchmarks.faults.filling import FULL
from benchmarks.faults.killing import ENDINGS
from benchmarks.faults.repeating import DeliveredTwice
from benchmarks.faults.stopping import HangingNode, TwoCollectors

_ALL: Sequence[Fault] = (*ENDINGS, HangingNode(), TwoCollectors(), DeliveredTwice(), *FULL, *JUMPS, *FAILOVERS)
FAULTS: dict[str, Fault] = {fault.name: fault for fault in _ALL}
