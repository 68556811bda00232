from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from unfold.admin import TabularInline
from unfold.decorators import display

from cameras.admin.answer import answer_page
from cameras.admin.live import HUB_SILENT, STATE_COLOURS, STATE_WORDS, LiveAdmin, asked_of_hub
from cameras.admin.node_form import NodeForm
from cameras.changes import set_nodes_cordoned, set_nodes_enabled
from cameras.connection_test import Finding, Unusable, try_all
from cameras.models import Assignment, Node
from recognition.hub.live_state import NodeState, node_states
from recognition.recipe import ENROL


class GroupInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    model = Assignment
    fields = ("group", "weight")
    verbose_name_plural = _("groups served")
    extra = 0


@admin.register(Node)
class NodeAdmin(LiveAdmin):
    form = NodeForm
    list_display = ("name", "shown_address", "enabled", "cordoned", "weight", "state", "workers", "recipes", "queued")
    list_filter = ("enabled", "cordoned", "groups")
    search_fields = ("name",)
    inlines = (GroupInline,)
    actions = ("test_connections", "enable", "disable", "cordon", "uncordon")

    def get_fields(self, request: HttpRequest, obj: Node | None = None) -> Sequence[str]:
        may_write = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return ("name", "redis_address" if may_write else "shown_address", "enabled", "cordoned", "weight")

    @method_decorator(sensitive_post_parameters("redis_address"))
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().changeform_view(request, *args, **kwargs)
        return response

    def add_live_state(self, rows: Sequence[Any]) -> None:
        states = asked_of_hub(node_states)
        for node in rows:
            vars(node)["live"] = None if states is None else states.get(node.pk)
            vars(node)["hub_answers"] = states is not None

    @admin.display(description=_("address"))
    def shown_address(self, node: Node) -> str:
        return node.shown_address

    @display(description=_("state"), label=STATE_COLOURS)  # type: ignore[untyped-decorator]  # unfold has no types
    def state(self, node: Node) -> Any:
        if not node.enabled:
            return "disabled", STATE_WORDS["disabled"]
        if not vars(node)["hub_answers"]:
            return "unknown", HUB_SILENT
        state = live.state if (live := _live(node)) else "unknown"
        return state, STATE_WORDS[state]

    @admin.display(description=_("workers"))
    def workers(self, node: Node) -> int | None:
        return live.workers if (live := _live(node)) else None

    @admin.display(description=_("recipes"))
    def recipes(self, node: Node) -> str | None:
        """Without those of enrolment, which go with the others."""
        recipes = live.recipes if (live := _live(node)) else []
        return ", ".join(recipe for recipe in recipes if not recipe.endswith(f".{ENROL}")) or None

    @admin.display(description=_("queued"))
    def queued(self, node: Node) -> int | None:
        return live.queued if (live := _live(node)) else None

    @admin.action(description=_("Test the connection"), permissions=["change"])
    def test_connections(self, request: HttpRequest, queryset: QuerySet[Node]) -> HttpResponse:
        nodes = list(queryset)
        answers = try_all([node.address for node in nodes])
        headers = [
            gettext("node"),
            gettext("address"),
            gettext("server"),
            gettext("workers"),
            gettext("queued"),
            gettext("latency"),
            gettext("verdict"),
        ]
        rows = [[node.name, node.shown_address, *_cells(answer)] for node, answer in zip(nodes, answers, strict=True)]
        note = gettext("Each node was really connected to, just now, from this web server.")
        return answer_page(
            self, request, gettext("What the connections found"), note, {"headers": headers, "rows": rows}
        )

    @admin.action(description=_("Enable"), permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[Node]) -> None:
        self._note(request, set_nodes_enabled(queryset, enabled=True), "Enabled.")

    @admin.action(description=_("Disable"), permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Node]) -> None:
        self._note(request, set_nodes_enabled(queryset, enabled=False), "Disabled.")

    @admin.action(description=_("Cordon (takes no new photos)"), permissions=["change"])
    def cordon(self, request: HttpRequest, queryset: QuerySet[Node]) -> None:
        self._note(request, set_nodes_cordoned(queryset, cordoned=True), "Cordoned.")

    @admin.action(description=_("Uncordon"), permissions=["change"])
    def uncordon(self, request: HttpRequest, queryset: QuerySet[Node]) -> None:
        self._note(request, set_nodes_cordoned(queryset, cordoned=False), "Uncordoned.")

    def _note(self, request: HttpRequest, changed: list[Node], message: str) -> None:
        for row in changed:
            self.log_change(request, row, message)
        self._say_changed(request, len(changed))

    def _say_changed(self, request: HttpRequest, count: int) -> None:
        text = ngettext("%(count)d node was changed.", "%(count)d nodes were changed.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)


def _live(node: Node) -> NodeState | None:
    state: NodeState | None = vars(node)["live"]
    return state


def _cells(answer: Finding | Unusable) -> list[Any]:
    if isinstance(answer, Unusable):
        return ["-", "-", "-", "-", answer.reason]
    server = f"{answer.server} {answer.version} ({answer.mode})"
    verdict = " ".join(answer.warnings) or gettext("all is well")
    return [server, answer.workers, answer.queued, f"{answer.latency_ms:g} ms", verdict]
