"""How the nodes and the whole are doing, as the wall shows it."""

from typing import Literal

import redis

from cameras.models import Node
from recognition.alerts.models import SystemAlert
from recognition.hub import keys
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
        return nodes, _totals(nodes, _received(hub), _in_ledger(hub), "up")
    except redis.RedisError:
        nodes = node_messages({})
        return nodes, _totals(nodes, 0, 0, "down")


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


def _received(hub: Redis) -> int:
    """Of deleted cameras too: their tallies are kept as well."""
    return sum(int(count) for count in hub.hvals(keys.RECEIVED))


def _in_ledger(hub: Redis) -> int:
    """Accepted snapshots whose outcome is not recorded yet; hits wait for that in their stream."""
    return sum(hub.pipeline(transaction=False).zcard(keys.LEDGER_DUE).xlen(keys.HITS).execute())


def _totals(nodes: list[NodeMessage], received: int, in_ledger: int, hub: Literal["up", "down"]) -> TotalsMessage:
    tally = totals()
    return {
        "received": received,
        "done": tally["done"],
        "failed": tally["failed"],
        "expired": tally["expired"],
        "in_ledger": in_ledger,
        "hit_rate": hit_rate(tally["hits"], tally["joins"], tally["misses"], tally["unchanged"]),
        "images_per_s": round(sum(node["images_per_s"] for node in nodes), 2),
        "hub": hub,
    }
