"""How the nodes and the whole are doing, as the wall shows it."""

from typing import Literal

import redis

from cameras.models import Node
from recognition.alerts.models import SystemAlert
from recognition.hub.counts import Counts, accounts
from recognition.hub.live_state import NodeState, node_states
from recognition.live.messages import NodeMessage, TotalsMessage, TroubleMessage, hit_rate
from recognition.node.connections import Redis
from recognition.sightings.tallies import totals


def node_messages(states: dict[int, NodeState]) -> list[NodeMessage]:
    return [_node_message(node, states.get(node.pk)) for node in Node.objects.select_related("tally")]


def _node_message(node: Node, state: NodeState | None) -> NodeMessage:
    tally = getattr(node, "tally", None)
    counts = (tally.hits, tally.joins, tally.misses, tally.unchanged) if tally else (0, 0, 0, 0)
    hits, joins, misses, unchanged = counts
    unknown = "down" if node.enabled else "disabled"
    return {
        "name": node.name,
        "state": state.state if state else unknown,
        "hits": hits,
        "joins": joins,
        "misses": misses,
        "unchanged": unchanged,
        "hit_rate": hit_rate(*counts),
        "queued": state.queued if state else 0,
        "workers": state.workers if state else 0,
        "images_per_s": state.images_per_s if state else 0.0,
    }


def status(hub: Redis) -> tuple[list[NodeMessage], TotalsMessage]:
    """Nodes and totals; with the hub down, what the database knows."""
    try:
        nodes = node_messages(node_states(hub))
        return nodes, _totals(nodes, accounts(hub).total, "up")
    except redis.RedisError:
        nodes = node_messages({})
        return nodes, _totals(nodes, _recorded(), "down")


def _recorded() -> Counts:
    """All that the database knows of."""
    tally = totals()
    return Counts(done=tally["done"], failed=tally["failed"], expired=tally["expired"])


def troubles() -> list[TroubleMessage]:
    """The system alerts that are not over, the worst first, then the oldest. None names a camera: all may see them.

    That the hub is down stands in the totals, which know it sooner.
    """
    standing = SystemAlert.objects.filter(cleared_at=None).exclude(kind=SystemAlert.Kind.HUB_DOWN).order_by("pk")
    return [_trouble_message(alert) for alert in sorted(standing, key=lambda alert: alert.severity)]


def _trouble_message(alert: SystemAlert) -> TroubleMessage:
    return {
        "kind": alert.kind,
        "about": alert.about,
        "text": alert.detail,
        "severity": alert.severity,
        "since": alert.raised_at.isoformat(),
    }


def _totals(nodes: list[NodeMessage], counts: Counts, hub: Literal["up", "down"]) -> TotalsMessage:
    tally = totals()
    return {
        "received": counts.received,
        "done": counts.done,
        "failed": counts.failed,
        "expired": counts.expired,
        "in_ledger": counts.in_ledger,
        "hit_rate": hit_rate(tally["hits"], tally["joins"], tally["misses"], tally["unchanged"]),
        "images_per_s": round(sum(node["images_per_s"] for node in nodes), 2),
        "hub": hub,
    }
