"""Looking at the installation as a whole, and keeping the system alerts accordingly."""

import logging
import shutil
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import redis
from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from cameras.models import Camera, Node
from recognition.alerts.models import SystemAlert
from recognition.alerts.steadiness import Steadiness
from recognition.alerts.system import Finding, Judgement
from recognition.collector.signs import COLLECTOR, LifeWatch
from recognition.hub import keys as hub_keys
from recognition.hub.clock import hub_now_ms
from recognition.hub.live_state import NodeState
from recognition.hub.sync import hub
from recognition.monitor import conditions
from recognition.monitor.conditions import DiskUsage
from recognition.monitor.ended_lately import EndedLately
from recognition.monitor.health import NodeWatch
from recognition.node.shards import places
from recognition.node.stream_age import oldest_entry_s
from recognition.node.trouble import Trouble
from recognition.sightings.models import Sighting

GATHER_EVERY_S = 5.0
LATENCIES_KEPT = 9

Kind = SystemAlert.Kind

log = logging.getLogger(__name__)


class SystemWatch:
    """Nodes and hub are judged at each look; what takes more to find out, every few seconds."""

    def __init__(self, nodes: NodeWatch) -> None:
        self._nodes = nodes
        self._collector = LifeWatch(COLLECTOR)
        self._steadiness = Steadiness()
        self._latencies_s: deque[float] = deque(maxlen=LATENCIES_KEPT)
        self._ended = EndedLately()
        self._next_gathering_s = 0.0
        self._disk_trouble = Trouble("the data folder", log)
        self._pool = ThreadPoolExecutor(16, "stream-age")

    def close(self) -> None:
        self._pool.shutdown()

    def look(self, nodes: Sequence[Node], states: Sequence[NodeState]) -> None:
        """Needs the database alone; that the hub does not answer is one of the things it finds."""
        now_s = time.monotonic()
        hub_answers = self._ask_hub()
        judged = self._at_each_look(states, hub_answers)
        if now_s >= self._next_gathering_s:
            self._next_gathering_s = now_s + GATHER_EVERY_S
            judged = {**judged, **self._now_and_then(nodes, states, hub_answers, now_s)}
        self._steadiness.keep(judged, now_s)

    def _at_each_look(self, states: Sequence[NodeState], hub_answers: bool) -> dict[Kind, Judgement]:
        slow = conditions.hub_slow(self._latencies_s, settings.MALLVISION_HUB_SLOW_MS)
        return {
            Kind.NODE_DOWN: conditions.nodes_down(states),
            Kind.NODE_DEGRADED: conditions.nodes_degraded(states),
            Kind.HUB_DOWN: [] if hub_answers else [Finding(Kind.HUB_DOWN)],
            Kind.HUB_SLOW: slow if hub_answers else None,
            Kind.COLLECTOR_SILENT: conditions.collector_silent(self._collector.silent_s()),
            Kind.MONITOR_SILENT: [],  # it looks
        }

    def _now_and_then(
        self, nodes: Sequence[Node], states: Sequence[NodeState], hub_answers: bool, now_s: float
    ) -> dict[Kind, Judgement]:
        oldest_s = self._oldest_s(nodes, states) if hub_answers else None  # without a hub nothing can be recorded
        return {
            Kind.DISK_FULL: conditions.disk_full(self._disk_usage(), settings.MALLVISION_DISK_FULL_PERCENT),
            Kind.FAILING: conditions.failing(self._ended.look(now_s), settings.MALLVISION_FAILING_PERCENT),
            Kind.COLLECTOR_LATE: conditions.collector_late(oldest_s, settings.MALLVISION_COLLECTOR_LATE_S),
            Kind.NO_FACE: _no_face(timezone.now()),
        }

    def _ask_hub(self) -> bool:
        """Whether it answers, and how soon. It is asked for its time, by which all of the look goes."""
        started_s = time.perf_counter()
        try:
            hub_now_ms(hub())
        except redis.RedisError:  # the monitor says so itself
            self._latencies_s.clear()
            return False
        self._latencies_s.append(time.perf_counter() - started_s)
        return True

    def _oldest_s(self, nodes: Sequence[Node], states: Sequence[NodeState]) -> float | None:
        """The age of the oldest entry that waits for the collector, at the hub and at every node that answers."""
        answering = {state.node for state in states if state.state not in ("down", "disabled")}
        asked = self._pool.map(self._oldest_result_s, [node for node in nodes if node.pk in answering])
        try:
            return max(oldest_entry_s(hub(), hub_keys.HITS, hub_keys.ENDINGS), *asked, 0.0)
        except redis.RedisError:
            return None

    def _oldest_result_s(self, node: Node) -> float:
        """Of the servers that answer; one that has fallen silent since it was looked at is told of by the next look."""
        ages_s = [0.0]
        with suppress(redis.RedisError):
            for place in places(self._nodes.client(node)):
                with suppress(redis.RedisError):
                    ages_s.append(oldest_entry_s(place.server, *(shard.results for shard in place.shards)))
        return max(ages_s)

    def _disk_usage(self) -> DiskUsage | None:
        try:
            usage = DiskUsage(*shutil.disk_usage(settings.MALLVISION_DATA.root))
        except OSError as error:
            self._disk_trouble.note(error)
            return None
        self._disk_trouble.note(None)
        return usage


def _no_face(now: datetime) -> Judgement:
    """Says nothing of a mall whose cameras have all been added since."""
    hours, quiet_min = settings.MALLVISION_OPENING_HOURS, settings.MALLVISION_NO_FACE_MIN
    long_enough_ago = now - timedelta(minutes=quiet_min)
    if not hours or not Camera.objects.filter(enabled=True, created_at__lte=long_enough_ago).exists():
        return []
    newest = Sighting.objects.aggregate(newest=Max("last_seen"))["newest"]
    return conditions.no_face(now, newest, hours, quiet_min, ZoneInfo(settings.TIME_ZONE))
