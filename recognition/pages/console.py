"""The node console: how the nodes are doing, and taking one out of work."""

from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cameras.models import Node
from cameras.roles import Right
from cameras.scope import Scope, right_required
from recognition.live.console import console
from recognition.pages import blanks
from recognition.pages.cordoning import set_cordoned
from recognition.pages.words import WORDS


@require_safe
@never_cache
@right_required(Right.WATCH)
def nodes(request: HttpRequest) -> HttpResponse:
    return render(request, "nodes/console.html", _context(Scope(request.user)))


def _context(scope: Scope) -> dict[str, Any]:
    return {
        **console(scope.groups()),
        "administers": scope.may(Right.ADMINISTER),
        "words": WORDS,
        "blanks": {"node": blanks.NODE, "group": blanks.GROUP, "group_node": blanks.GROUP_NODE},
    }


@require_POST
@right_required(Right.ADMINISTER)
def cordon_node(request: HttpRequest) -> HttpResponse:
    """Takes `node`, a name, and `cordoned`, yes or no; leads back to the node."""
    node = get_object_or_404(Node, name=request.POST.get("node", ""))
    set_cordoned(node, request.POST.get("cordoned") == "yes", by=cast(User, request.user))
    return HttpResponseRedirect(f"{reverse('nodes')}#node-{node.name}")
