"""Asking every node how it is."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import redis

from cameras.models import Node
from recognition.hub.live_state import NodeState, State
from recognition.node import keys
from recognition.node.connections import Redis, connect
from recognition.node.heartbeat import WorkerBeat, living_workers

PROBE_TIMEOUT_S = 1.0
SILENT_AFTER_S = 3.0
OLD_JOB_S = 20.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What a node that answers says."""

    run_id: str
    born: bytes | None
    queued: int
    oldest_job_s: float
    workers: list[WorkerBeat]

    @property
    def identity(self) -> tuple[str, bytes | None]:
        """Another one: the server was started again, or emptied."""
        return self.run_id, self.born


@dataclass(slots=True)
class Watched:
    """A node over time. answered_at is by this process's clock."""

    address: str
    connection: Redis | None = None
    answered_at: float = float("-inf")
    found: Found | None = None
    restarted: bool = False
    standing: int = 0
    error: str = ""

    def client(self) -> Redis:
        """Raises ValueError for an address that is none."""
        if self.connection is None:
            self.connection = connect(self.address, PROBE_TIMEOUT_S)
        return self.connection


@dataclass(slots=True)
class NodeWatch:
    """Looks at all nodes at the same time; a node that hangs delays nobody for more than a second."""

    _watched: dict[int, Watched] = field(default_factory=dict)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(16, "probe"))

    def look(self, nodes: list[Node]) -> list[NodeState]:
        list(self._pool.map(self._probe, nodes))
        return [self._state(node) for node in nodes]

    def close(self) -> None:
        self._pool.shutdown()
        for watched in self._watched.values():
            if watched.connection is not None:
                watched.connection.close()

    def client(self, node: Node) -> Redis:
        return self._watch(node).client()

    def lost(self, states: list[NodeState]) -> set[int]:
        """The nodes that have just gone down, come back empty, or lost their last worker.

        What they were given must go elsewhere. A worker counts as living for heartbeat.WORKER_TTL_S after its last
        beat, so that one that is started again at once is not missed.
        """
        lost = set()
        for state in states:
            watched = self._watched[state.node]
            before, watched.standing = watched.standing, _standing(state)
            if watched.standing < before or watched.restarted:
                lost.add(state.node)
        return lost

    def _watch(self, node: Node) -> Watched:
        watched = self._watched.get(node.pk)
        if watched is None or watched.address != node.address:
            watched = Watched(node.address)
            self._watched[node.pk] = watched
        return watched

    def _probe(self, node: Node) -> None:
        watched = self._watch(node)
        watched.restarted = False
        try:
            found = probe(watched.client())
        except (redis.RedisError, ValueError) as error:  # ValueError: no such address, or garbage for an answer
            if not watched.error:
                log.warning("node %s does not answer: %s", node.name, type(error).__name__)
            watched.error = type(error).__name__
            return
        if watched.error:
            log.info("node %s answers again", node.name)
        watched.error = ""
        watched.restarted = watched.found is not None and watched.found.identity != found.identity
        watched.found = found
        watched.answered_at = time.monotonic()

    def _state(self, node: Node) -> NodeState:
        watched = self._watched[node.pk]
        found = watched.found
        state, reason = _judged(node, watched)
        alive = found is not None and state not in ("down",)
        return NodeState(
            node=node.pk,
            name=node.name,
            state=state,
            workers=len(found.workers) if found and alive else 0,
            queued=found.queued if found and alive else 0,
            seen_at_ms=round((time.time() - (time.monotonic() - watched.answered_at)) * 1000) if found else 0,
            recipes=_served_by_all(found.workers) if found and alive else [],
            reason=reason,
        )


def probe(client: Redis) -> Found:
    """Raises redis.RedisError when the node does not answer in time."""
    pipeline = client.pipeline(transaction=False)
    pipeline.info("server").get(keys.BORN).time().xlen(keys.JOBS).xrange(keys.JOBS, count=1)
    server, born, now, queued, oldest = pipeline.execute()
    age_s = max(0.0, now[0] - int(oldest[0][0].split(b"-")[0]) / 1000) if oldest else 0.0
    return Found(server["run_id"], born, queued, age_s, living_workers(client))


def _served_by_all(workers: list[WorkerBeat]) -> list[str]:
    return sorted(set.intersection(*(set(beat.recipes) for beat in workers))) if workers else []


def _standing(state: NodeState) -> int:
    if state.state == "down":
        return 0
    return 2 if state.workers else 1


def _judged(node: Node, watched: Watched) -> tuple[State, str]:
    if not node.enabled:
        return "disabled", ""
    if watched.found is None or time.monotonic() - watched.answered_at > SILENT_AFTER_S:
        return "down", watched.error
    if not watched.found.workers:
        return "degraded", "no worker"
    if watched.found.oldest_job_s > OLD_JOB_S:
        return "degraded", "old queue"
    return "up", ""
