"""What is wrong, judged from what was found. Each judgement is of one kind of system alert."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import NamedTuple
from zoneinfo import ZoneInfo

from recognition.alerts.models import SystemAlert
from recognition.alerts.system import Finding, Judgement
from recognition.collector.signs import SILENT_AFTER_S
from recognition.hub.live_state import NodeState
from recognition.monitor.ended_lately import Lately
from recognition.monitor.opening_hours import Hours, was_open_for

FEWEST_ANSWERS = 5
FEWEST_BAD = 10


class DiskUsage(NamedTuple):
    """Bytes, as shutil.disk_usage gives them. free: what is left to us, used: by anybody."""

    total: int
    used: int
    free: int


def nodes_down(states: Iterable[NodeState]) -> list[Finding]:
    return [Finding(SystemAlert.Kind.NODE_DOWN, state.name, state.reason) for state in states if state.state == "down"]


def nodes_degraded(states: Iterable[NodeState]) -> list[Finding]:
    return [
        Finding(SystemAlert.Kind.NODE_DEGRADED, state.name, state.reason)
        for state in states
        if state.state == "degraded"
    ]


def hub_slow(latencies_s: Sequence[float], limit_ms: float) -> Judgement:
    """latencies_s: how long the hub took to answer the last times."""
    if len(latencies_s) < FEWEST_ANSWERS:
        return None
    typical_ms = median(latencies_s) * 1000
    return [Finding(SystemAlert.Kind.HUB_SLOW, detail=str(round(typical_ms)))] if typical_ms > limit_ms else []


def disk_full(usage: DiskUsage | None, limit_percent: float) -> Judgement:
    """Of what can be used at all, as df says it: some is kept back for the system."""
    if usage is None or usage.used + usage.free == 0:
        return None
    percent = 100 * usage.used / (usage.used + usage.free)
    return [Finding(SystemAlert.Kind.DISK_FULL, detail=f"{percent:.0f}%")] if percent >= limit_percent else []


def failing(lately: Lately, limit_percent: float) -> Judgement:
    """A process that has just started can see that it is bad, but not yet that it is well."""
    percent = 100 * lately.bad / max(1, lately.bad + lately.done)
    if lately.bad >= FEWEST_BAD and percent >= limit_percent:
        return [Finding(SystemAlert.Kind.FAILING, detail=f"{percent:.0f}%")]
    return [] if lately.whole else None


def collector_late(oldest_s: float | None, limit_s: float) -> Judgement:
    """oldest_s: how long the oldest entry has waited that the collector has not dealt with."""
    if oldest_s is None:
        return None
    return [Finding(SystemAlert.Kind.COLLECTOR_LATE, detail=f"{oldest_s:.0f}")] if oldest_s > limit_s else []


def collector_silent(silent_s: float) -> list[Finding]:
    """silent_s: for how long no active collector has given a sign of life."""
    return [Finding(SystemAlert.Kind.COLLECTOR_SILENT)] if silent_s > SILENT_AFTER_S else []


def no_face(now: datetime, newest_face: datetime | None, hours: Hours, quiet_min: float, zone: ZoneInfo) -> Judgement:
    """newest_face: when a face was seen last by any camera."""
    seen_lately = newest_face is not None and now - newest_face < timedelta(minutes=quiet_min)
    if seen_lately or not was_open_for(hours, now, quiet_min, zone):
        return []
    return [Finding(SystemAlert.Kind.NO_FACE, detail=f"{quiet_min:g}")]
