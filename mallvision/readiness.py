"""Whether this process could accept a snapshot."""

import logging
import threading
import time
from dataclasses import dataclass, field
from functools import lru_cache

import django.db
import redis
from django.conf import settings

from cameras.models import Node
from recognition.hub import keys
from recognition.hub.live_state import NodeState, decode_node_states
from recognition.node.connections import Redis, connect
from recognition.node.stream_age import oldest_entry_s
from recognition.node.trouble import Trouble

REMEMBERED_S = 1.0
HUB_TIMEOUT_S = 1.0
PATIENCE_S = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HubFound:
    answers: bool = False
    nodes: dict[int, NodeState] = field(default_factory=dict)
    collector_late: bool = True


@dataclass(frozen=True, slots=True)
class Readiness:
    """checks: one word for each, fit for strangers: no address, no error."""

    ready: bool
    checks: dict[str, str]


# When another request's look hangs, as at a database that cannot be reached.
NOT_KNOWN = Readiness(
    ready=False,
    checks={"hub": "fails", "database": "fails", "nodes": "fails", "monitor": "silent", "collector": "late"},
)


class ReadinessProbe:
    """Finds out at most once in REMEMBERED_S, however often and by however many it is asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: Readiness | None = None
        self._until_s = 0.0
        self._hub_trouble = Trouble("the hub", log)
        self._database_trouble = Trouble("the database", log)

    def now(self) -> Readiness:
        if not self._lock.acquire(timeout=PATIENCE_S):
            return NOT_KNOWN
        try:
            if self._found is None or time.monotonic() >= self._until_s:
                self._found = self._look()
                self._until_s = time.monotonic() + REMEMBERED_S
            return self._found
        finally:
            self._lock.release()

    def _look(self) -> Readiness:
        hub, taking = self._hub(), self._taking()
        database_answers = taking is not None
        nodes_answer = any(node not in hub.nodes or hub.nodes[node].state != "down" for node in taking or ())
        checks = {
            "hub": _word(hub.answers),
            "database": _word(database_answers),
            "nodes": _word(nodes_answer),
            "monitor": "ok" if hub.nodes else "silent",
            "collector": "late" if hub.collector_late else "ok",
        }
        return Readiness(hub.answers and database_answers and nodes_answer, checks)

    def _hub(self) -> HubFound:
        hub = _client(settings.MALLVISION_HUB_URL)
        try:
            hub.ping()
            states = decode_node_states(hub.get(keys.NODE_STATES))
            late = oldest_entry_s(hub, keys.HITS, keys.ENDINGS) > settings.MALLVISION_COLLECTOR_LATE_S
        except redis.RedisError as error:
            self._hub_trouble.note(error)
            return HubFound()
        self._hub_trouble.note(None)
        return HubFound(answers=True, nodes=states, collector_late=late)

    def _taking(self) -> list[int] | None:
        """The nodes that may be given new photos; None when the database does not answer."""
        try:
            nodes = list(Node.objects.filter(enabled=True, cordoned=False).values_list("pk", flat=True))
        except django.db.Error as error:
            self._database_trouble.note(error)
            return None
        self._database_trouble.note(None)
        return nodes


def _word(good: bool) -> str:
    return "ok" if good else "fails"


@lru_cache(maxsize=4)
def _client(url: str) -> Redis:
    return connect(url, HUB_TIMEOUT_S)


probe = ReadinessProbe()
