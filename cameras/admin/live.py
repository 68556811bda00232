"""Lists whose rows show how things are right now, asked of the hub once per page."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import redis
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from recognition.hub.sync import hub

State = TypeVar("State")

HUB_SILENT = _("the hub does not answer")
STATE_WORDS = {
    "up": _("up"),
    "degraded": _("degraded"),
    "down": _("down"),
    "disabled": _("disabled"),
    "cordoned": _("cordoned"),
    "unknown": _("unknown"),
}
STATE_COLOURS = {
    "up": "success",
    "degraded": "warning",
    "down": "danger",
    "disabled": "info",
    "cordoned": "info",
    "unknown": "warning",
}


class LiveChangeList(ChangeList):  # type: ignore[misc]  # unfold has no types
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.model_admin.add_live_state(list(self.result_list))


class LiveAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """`add_live_state` hangs what the hub says on the rows of the page, for the columns to show."""

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[LiveChangeList]:
        return LiveChangeList

    def add_live_state(self, rows: Sequence[Any]) -> None:
        raise NotImplementedError


def asked_of_hub(ask: Callable[[redis.Redis], Mapping[int, State]]) -> Mapping[int, State] | None:
    """None when the hub does not answer."""
    try:
        return ask(hub())
    except redis.RedisError:
        return None
