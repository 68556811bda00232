"""What can be wrong with an upload, as the reply says it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem(Exception):
    """Becomes the reply `status` with the body {"detail": detail}."""

    status: int
    detail: str
    retry_after_s: int = 0


def busy(detail: str) -> Problem:
    """Nothing was accepted; the sender may try again soon."""
    return Problem(503, detail, retry_after_s=2)
