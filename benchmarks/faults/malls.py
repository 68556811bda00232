"""The mall in which faults are tried one after the other, as long as it fits and is not spoiled."""

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from benchmarks.faults.fault import Fault
from benchmarks.faults.mall import Mall, open_mall
from benchmarks.faults.site import WHOLE, Servers, Size
from benchmarks.faults.trial import Lengths, Trial, try_fault


class Malls:
    """Everything ends with the `with` block."""

    def __init__(self, lengths: Lengths, size: Size = WHOLE) -> None:
        self._lengths = lengths
        self._size = size
        self._stack = ExitStack()
        self._servers: Servers | None = None
        self._mall: Mall | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def try_fault(self, fault: Fault) -> Trial:
        """Raises BenchmarkFailed when nothing can be said of it; the next one then has a new mall."""
        mall = self._mall_for(fault.servers)
        try:
            return try_fault(fault, mall, self._lengths)
        except BaseException as error:
            mall.keeper.explain(error)
            self._close()
            raise

    def _mall_for(self, servers: Servers) -> Mall:
        if self._mall is None or self._servers is not servers:
            self._close()
            self._mall = self._stack.enter_context(open_mall(servers, self._size))
            self._servers = servers
        return self._mall

    def _close(self) -> None:
        self._mall = None
        self._stack.close()
