"""When the mall is open."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import TypeAlias

Hours: TypeAlias = Sequence[tuple[time, time]]  # from, until; until a later day's when it is not after from

MINUTE = timedelta(minutes=1)


def is_open(hours: Hours, local: time) -> bool:
    return any(_within(local, opens, closes) for opens, closes in hours)


def was_open_for(hours: Hours, now: datetime, minutes: float, zone: tzinfo) -> bool:
    """Whether the mall has been open through the last `minutes` before `now`, looked at minute by minute.

    So it needs to know nothing of midnight, of spans that touch, or of the nights when the clocks change.
    """
    end = now.astimezone(UTC)
    return all(is_open(hours, (end - ago * MINUTE).astimezone(zone).time()) for ago in range(round(minutes) + 1))


def _within(local: time, opens: time, closes: time) -> bool:
    if opens < closes:
        return opens <= local < closes
    return local >= opens or local < closes
