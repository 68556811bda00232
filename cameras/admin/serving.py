"""How a group's recipe is served, in one line."""

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from cameras.admin.live import HUB_SILENT, STATE_WORDS
from recognition.hub.live_state import NodeState


def serving(recipe: str, nodes: Sequence[int], states: Mapping[int, NodeState] | None) -> tuple[str, str | Promise]:
    """A key of STATE_COLOURS, and the line.

    nodes: those of the group that take photos; states: None if the hub is silent.
    """
    if not nodes:
        return "down", _("no node that takes photos is assigned")
    if states is None:
        return "unknown", HUB_SILENT
    known = [states[node] for node in nodes if node in states]
    if not known:
        return "unknown", STATE_WORDS["unknown"]
    at_work = [state for state in known if state.state != "down" and state.workers]
    if not at_work:
        return "down", _("no node is up and has workers")
    count = sum(state.recipe_for(recipe) is not None for state in at_work)
    if not count:
        return "down", _("no node serves this recipe")
    text = _("%(count)d of %(nodes)d nodes serve it") % {"count": count, "nodes": len(nodes)}
    return "up" if count == len(nodes) else "degraded", text
