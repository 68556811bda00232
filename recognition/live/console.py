"""What the node console shows and `GET /api/v1/nodes` tells."""

from collections.abc import Iterable
from typing import TypedDict

from cameras.models import CameraGroup
from recognition.hub.sync import hub
from recognition.live.groups import group_messages
from recognition.live.messages import GroupMessage, NodeMessage, TotalsMessage
from recognition.live.status import status


class Console(TypedDict):
    nodes: list[NodeMessage]
    groups: list[GroupMessage]
    totals: TotalsMessage


def console(groups: Iterable[CameraGroup]) -> Console:
    """All nodes, and those of the camera groups that the asker may see."""
    nodes, totals = status(hub())
    return {"nodes": nodes, "groups": list(group_messages(groups, nodes).values()), "totals": totals}
