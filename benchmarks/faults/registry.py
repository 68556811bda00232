"""Every fault there is, in the order in which they are tried."""

from collections.abc import Sequence

from benchmarks.faults.fault import Fault
from benchmarks.faults.killing import KILLED

_ALL: Sequence[Fault] = (*KILLED,)
FAULTS: dict[str, Fault] = {fault.name: fault for fault in _ALL}
