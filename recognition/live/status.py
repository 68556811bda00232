"""How the nodes and the whole are doing, as the wall shows it."""

from typing import Literal

import redis

from cameras.models import Node
from recognition.alerts.models import SystemAlert
from recognition.hub.counts import Counts, accounts
from recognition.hub.live_state import NodeState, monitor_silent_s, node_states
from recognition.live.messages import NodeFigures, NodeMessage, TotalsMessage, TroubleMessage, hit_rate
from recognition.node.connections import Redis
from recognition.sightings.tallies import totals


def node_messages(states: dict[int, NodeState]) -> list[NodeMessage]:
    return [_node_message(node, states.get(node.pk)) for node in Node.objects.select_related("tally")]


def _node_message(node: Node, state: NodeState | None) -> NodeMessage:
    tally = getattr(node, "tally", None)
    counts = (tally.hits, tally.joins, tally.misses, tally.unchanged) if tally else (0, 0, 0, 0)
    hits, joins, misses, unchanged = counts
    return {
        "name": node.name,
        "state": _state(node, state),
        "reason": state.reason if state else "",
        "cordoned": node.cordoned,
        "hits": hits,
        "joins": joins,
        "misses": misses,
        "unchanged": unchanged,
        "hit_rate": hit_rate(*counts),
        "queued": state.queued if state else None,
        "workers": state.workers if state else None,
        "images_per_s": state.images_per_s if state else None,
        **_figures(state if state and state.state != "down" else None),
    }


def _state(node: Node, state: NodeState | None) -> str:
    """What the registry says of the node holds at once, before the monitor has looked again."""
    if not node.enabled:
        return "disabled"
    if state is None:
        return "unknown"
    return "cordoned" if node.cordoned and state.state != "down" else state.state


def _figures(state: NodeState | None) -> NodeFigures:
    return {
        "queued_bytes": state.queued_bytes if state else None,
        "oldest_job_s": state.oldest_job_s if state else None,
        "wait_p50_ms": state.wait_p50_ms if state else None,
        "wait_p95_ms": state.wait_p95_ms if state else None,
        "took_p50_ms": state.took_p50_ms if state else None,
        "took_p95_ms": state.took_p95_ms if state else None,
        "load": state.load if state else None,
        "memory_bytes": state.memory_bytes if state else None,
        "memory_limit_bytes": state.memory_limit_bytes if state else None,
        "evicted": state.evicted if state else None,
        "recipes": state.recipes if state else [],
        "versions": state.versions if state else [],
    }


def status(hub: Redis) -> tuple[list[NodeMessage], TotalsMessage]:
    """Nodes and totals; with the hub down, what the database knows."""
    try:
        nodes = node_messages(node_states(hub))
        return nodes, _totals(nodes, accounts(hub).total, "up", monitor_silent_s(hub))
    except redis.RedisError:
        nodes = node_messages({})
        return nodes, _totals(nodes, _recorded(), "down", None)


def _recorded() -> Counts:
    """All that the database knows of."""
    tally = totals()
    return Counts(done=tally["done"], failed=tally["failed"], expired=tally["expired"])


IN_TOTALS = (SystemAlert.Kind.HUB_DOWN, SystemAlert.Kind.MONITOR_SILENT)


def troubles() -> list[TroubleMessage]:
    """The system alerts that are not over, the worst first, then the oldest. None names a camera: all may see them.

    That the hub is down or the monitor silent stands in the totals, which know it sooner.
    """
    standing = SystemAlert.objects.filter(cleared_at=None).exclude(kind__in=IN_TOTALS).order_by("pk")
    return [_trouble_message(alert) for alert in sorted(standing, key=lambda alert: alert.severity)]


def _trouble_message(alert: SystemAlert) -> TroubleMessage:
    return {
        "kind": alert.kind,
        "about": alert.about,
        "text": alert.detail,
        "severity": alert.severity,
        "since": alert.raised_at.isoformat(),
    }


def _totals(
    nodes: list[NodeMessage], counts: Counts, hub: Literal["up", "down"], monitor_silent_s: float | None
) -> TotalsMessage:
    tally = totals()
    return {
        "received": counts.received,
        "done": counts.done,
        "failed": counts.failed,
        "expired": counts.expired,
        "in_ledger": counts.in_ledger,
        "hit_rate": hit_rate(tally["hits"], tally["joins"], tally["misses"], tally["unchanged"]),
        "images_per_s": round(sum(node["images_per_s"] or 0.0 for node in nodes), 2),
        "hub": hub,
        "monitor_silent_s": monitor_silent_s,
    }
