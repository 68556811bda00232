"""Asking every node how it is."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import msgspec
import redis

from cameras.models import Node
from recognition.hub.live_state import NodeState, State
from recognition.monitor.figures import Figures
from recognition.monitor.probing import Found, Identity, probe
from recognition.node.connections import Redis, connect
from recognition.node.heartbeat import WorkerBeat
from recognition.node.histogram import Counts, percentile

PROBE_TIMEOUT_S = 1.0
SILENT_AFTER_S = 3.0
OLD_JOB_S = 20.0

Standing = tuple[int, bool]  # how many of its shards answer, and whether it has workers

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Watched:
    """A node over time. answered_at is by this process's clock. identities: of its shards, as they last were."""

    address: str
    connection: Redis | None = None
    answered_at: float = float("-inf")
    found: Found | None = None
    identities: dict[int, Identity] = field(default_factory=dict)
    restarted: bool = False
    standing: Standing = (0, False)
    figures: Figures = field(default_factory=Figures)
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
        """The nodes that have just gone down, lost a shard, come back empty, or lost their last worker.

        What they were given must go elsewhere. A worker counts as living for heartbeat.WORKER_SILENT_AFTER_S after its
        last beat, so that one that is started again at once is not missed.
        """
        lost = set()
        for state in states:
            watched = self._watched[state.node]
            before, watched.standing = watched.standing, _standing(state)
            has_fallen = any(now < then for now, then in zip(watched.standing, before, strict=True))
            if has_fallen or watched.restarted:
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
        watched.restarted = any(
            _is_another(watched.identities.get(shard), now) for shard, now in found.identities.items()
        )
        watched.identities.update(found.identities)
        watched.found = found
        watched.figures.note(found.workers)
        watched.answered_at = time.monotonic()

    def _state(self, node: Node) -> NodeState:
        watched = self._watched[node.pk]
        state, reason = _judged(node, watched)
        known = NodeState(
            node=node.pk,
            name=node.name,
            state=state,
            workers=0,
            queued=0,
            seen_at_ms=_seen_at_ms(watched),
            recipes=[],
            reason=reason,
        )
        if watched.found is None or state == "down":
            return known
        return _with_figures(known, watched.found, watched.figures)


def _seen_at_ms(watched: Watched) -> int:
    return round((time.time() - (time.monotonic() - watched.answered_at)) * 1000) if watched.found else 0


def _with_figures(known: NodeState, found: Found, figures: Figures) -> NodeState:
    waits, takes = figures.waits(), figures.takes()
    return msgspec.structs.replace(
        known,
        workers=len(found.workers),
        queued=found.queued,
        queued_bytes=found.queued_bytes,
        recipes=_served_by_all(found.workers),
        oldest_job_s=round(found.oldest_job_s, 1),
        wait_p50_ms=_percentile(waits, 50),
        wait_p95_ms=_percentile(waits, 95),
        took_p50_ms=_percentile(takes, 50),
        took_p95_ms=_percentile(takes, 95),
        load=figures.load(),
        memory_bytes=found.memory_bytes,
        memory_limit_bytes=found.memory_limit_bytes,
        evicted=found.evicted,
        versions=sorted({f"{beat.version} {beat.engine_id}".strip() for beat in found.workers}),
        shards=found.shards,
        silent_shards=found.silent_shards,
    )


def _percentile(counts: Counts, percent: float) -> float | None:
    found_ms = percentile(counts, percent)
    return None if found_ms is None else round(found_ms, 1)


def _served_by_all(workers: list[WorkerBeat]) -> list[str]:
    return sorted(set.intersection(*(set(beat.recipes) for beat in workers))) if workers else []


def _is_another(before: Identity | None, now: Identity) -> bool:
    """A node that had no workers yet has lost nothing when they come."""
    if before is None:
        return False
    (run_id_before, born_before), (run_id, born) = before, now
    return run_id != run_id_before or born_before not in (None, born)


def _standing(state: NodeState) -> Standing:
    if state.state == "down":
        return 0, False
    return state.shards - len(state.silent_shards), state.workers > 0


def _judged(node: Node, watched: Watched) -> tuple[State, str]:
    if not node.enabled:
        return "disabled", ""
    if watched.found is None or time.monotonic() - watched.answered_at > SILENT_AFTER_S:
        return "down", watched.error
    reason = _ails(watched.found)
    if node.cordoned:
        return "cordoned", reason
    return ("degraded" if reason else "up"), reason


def _ails(found: Found) -> str:
    if not found.workers:
        return "no worker"
    if found.silent_shards:
        return f"{len(found.silent_shards)} of {found.shards} shards do not answer"
    return "old queue" if found.oldest_job_s > OLD_JOB_S else ""
