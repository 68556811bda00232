"""Which nodes serve a camera group, how its photos are spread over them, and what if the busiest one died."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from cameras.models import Assignment, CameraGroup
from recognition.live.messages import GroupMessage, GroupNodeMessage, NodeMessage
from recognition.live.spare import AtWork, Spare, spare

TAKES_PHOTOS = frozenset({"up", "degraded"})


def group_messages(groups: Iterable[CameraGroup], nodes: Iterable[NodeMessage]) -> dict[int, GroupMessage]:
    """By the group's id, in their order. nodes: all of them, as they are now."""
    by_name = {node["name"]: node for node in nodes}
    assigned: dict[int, list[Assignment]] = defaultdict(list)
    for assignment in Assignment.objects.select_related("node").order_by("node__name"):
        if assignment.node.name in by_name:  # else it was made a moment ago
            assigned[assignment.group_id].append(assignment)
    return {group.pk: _group_message(group, assigned[group.pk], by_name) for group in groups}


def _group_message(group: CameraGroup, assignments: list[Assignment], nodes: Mapping[str, NodeMessage]) -> GroupMessage:
    weights = {assignment.node.name: assignment.weight * assignment.node.weight for assignment in assignments}
    shares = _shares(weights, nodes)
    able = [name for name in weights if nodes[name]["state"] in TAKES_PHOTOS]
    left = spare([AtWork(name, nodes[name]["workers"] or 0, nodes[name]["load"]) for name in able])
    if weights and not shares:
        left = Spare("unknown")
    return {
        "slug": group.slug,
        "name": group.name,
        "recipe": group.recipe,
        "nodes": [_group_node(nodes[name], weight, shares.get(name)) for name, weight in weights.items()],
        "spare": {"verdict": left.verdict, "busiest": left.busiest, "load": left.load},
    }


def _group_node(node: NodeMessage, weight: float, share: float | None) -> GroupNodeMessage:
    return {
        "name": node["name"],
        "state": node["state"],
        "weight": round(weight, 4),
        "share": share,
        "workers": node["workers"],
        "load": node["load"],
    }


def _shares(weights: Mapping[str, float], nodes: Mapping[str, NodeMessage]) -> dict[str, float]:
    """The part of the group's photos that goes to each node; empty while no node's state is known.

    Nodes without workers are passed over as long as another has any.
    """
    if all(nodes[name]["state"] == "unknown" for name in weights):
        return {}
    taking = [name for name in weights if nodes[name]["state"] in TAKES_PHOTOS]
    taking = [name for name in taking if nodes[name]["workers"]] or taking
    whole = sum(weights[name] for name in taking)
    return {name: round(weights[name] / whole, 4) if name in taking else 0.0 for name in weights}
