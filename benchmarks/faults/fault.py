"""What a fault is."""

from abc import ABC, abstractmethod
from typing import ClassVar

from benchmarks.faults.mall import Mall, Servers, standalone


class Fault(ABC):
    """Something that breaks while the cameras send.

    name: what it is called on the command line and in the results. breaks: what is broken and how, for the documents.
    servers: how the hub and the nodes of the mall are set up in which it is tried.
    """

    name: str
    breaks: str
    servers: ClassVar[Servers] = staticmethod(standalone)

    def prepare(self, mall: Mall) -> None:  # noqa: B027 (most need none)
        """Before the cameras begin to send, which they do once the mall is healthy."""

    async def aim(self, mall: Mall) -> None:  # noqa: B027 (most need none)
        """While the cameras send: waits for a moment at which it hurts, or brings it about."""

    @abstractmethod
    async def strike(self, mall: Mall) -> None:
        """Breaks it, and mends what does not mend itself. Recovery is timed from the beginning of this.

        Raises BenchmarkFailed when nothing was broken.
        """

    def restore(self, mall: Mall) -> None:  # noqa: B027 (most need none)
        """After everything was judged: makes the mall whole for the next fault."""
