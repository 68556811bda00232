"""The hub's clock, by which receipts and deadlines are told: machines whose own clocks differ, or jump, agree.

A process asks the hub for its time now and then, and counts on from there by a clock of its own that never jumps.
"""

import time

from recognition.node.connections import Redis


class HubClock:
    """Until the hub has been asked it is this machine's own clock."""

    def __init__(self) -> None:
        self._ahead_ms = time.time_ns() // 1_000_000 - _steady_ms()

    def now_ms(self) -> int:
        """Milliseconds since 1970."""
        return _steady_ms() + self._ahead_ms

    def note(self, told: tuple[int, int], asked_at_s: float) -> None:
        """told: what TIME replied. asked_at_s: time.monotonic() when it was asked; half of the way is the reply's."""
        seconds, microseconds = told
        answered_ms = _steady_ms()
        under_way_ms = (answered_ms - round(asked_at_s * 1000)) // 2
        self._ahead_ms = seconds * 1000 + microseconds // 1000 + under_way_ms - answered_ms


def _steady_ms() -> int:
    return time.monotonic_ns() // 1_000_000


hub_clock = HubClock()  # this process's


def hub_now_ms(hub: Redis) -> int:
    """Asks the hub. Raises redis.RedisError when it does not answer."""
    asked_at_s = time.monotonic()
    hub_clock.note(hub.time(), asked_at_s)
    return hub_clock.now_ms()
