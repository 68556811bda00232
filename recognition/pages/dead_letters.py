"""Dead letters, for administrators: jobs that nodes gave up, to be looked at, sent again or dropped."""

from typing import cast

import redis
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cameras.models import Node
from cameras.roles import Right
from cameras.scope import right_required
from recognition.intake.dead_letters import letters_of, shelves
from recognition.intake.retrying import BeingSent, NobodyWaited, Retried, retry
from recognition.pages.letters import Sheet, sheet, sheets
from recognition.people.private_media import photo_kind, private_photo
from recognition.reasons import told


@require_safe
@never_cache
@right_required(Right.ADMINISTER)
def dead_letters(request: HttpRequest) -> HttpResponse:
    found = shelves()
    silent = [shelf.node for shelf in found if shelf.letters is None]
    return render(request, "nodes/dead_letters.html", {"letters": sheets(found), "silent": silent})


@require_safe
@never_cache
@right_required(Right.ADMINISTER)
def dead_letter(request: HttpRequest, name: str, letter: str) -> HttpResponse:
    node = get_object_or_404(Node, name=name)
    try:
        shown = _sheet(node, letter)
    except redis.RedisError:
        return render(request, "nodes/dead_letters.html", {"letters": [], "silent": [node]}, status=503)
    return render(request, "nodes/dead_letter.html", {"letter": shown})


def _sheet(node: Node, letter_id: str) -> Sheet:
    with letters_of(node) as letters:
        letter, photo = letters.find(letter_id), letters.photo(letter_id)
    if letter is None or photo is None:
        raise Http404
    return sheet(node, letter, is_picture=photo_kind(photo) is not None)


@require_safe
@right_required(Right.ADMINISTER)
def dead_letter_photo(request: HttpRequest, name: str, letter: str) -> HttpResponse:
    node = get_object_or_404(Node, name=name)
    try:
        with letters_of(node) as letters:
            photo = letters.photo(letter)
    except redis.RedisError:
        return HttpResponse(_silence(node), content_type="text/plain; charset=utf-8", status=503)
    if photo is None:
        raise Http404
    return private_photo(photo)


@require_POST
@right_required(Right.ADMINISTER)
def drop_dead_letter(request: HttpRequest, name: str, letter: str) -> HttpResponse:
    node = get_object_or_404(Node, name=name)
    try:
        with letters_of(node) as letters:
            dropped = letters.drop(letter)
    except redis.RedisError:
        messages.error(request, _silence(node))
    else:
        if dropped:
            _note(request, node, f"Dead letter {letter} dropped.")
            messages.success(request, _("The dead letter was dropped."))
        else:
            messages.warning(request, _gone())
    return HttpResponseRedirect(reverse("dead_letters"))


@require_POST
@right_required(Right.ADMINISTER)
def retry_dead_letter(request: HttpRequest, name: str, letter: str) -> HttpResponse:
    node = get_object_or_404(Node, name=name)
    try:
        retried = retry(node, letter)
    except redis.RedisError:
        messages.error(request, _silence(node))
    except NobodyWaited:
        text = _("Nobody waits for this photo any more: its snapshots or their cameras are gone or disabled.")
        messages.warning(request, text)
    except BeingSent:
        messages.warning(request, _("Somebody else is sending this dead letter again right now."))
    else:
        _tell(request, node, letter, retried)
    return HttpResponseRedirect(reverse("dead_letters"))


def _tell(request: HttpRequest, node: Node, letter: str, retried: Retried | None) -> None:
    if retried is None:
        messages.warning(request, _gone())
        return
    if retried.sent:
        _note(request, node, f"Dead letter {letter} sent again for {retried.sent} snapshots.")
        messages.success(request, _("Snapshots sent again: %(count)s.") % {"count": retried.sent})
    if retried.refused:
        refused = {"count": len(retried.left), "reason": told(retried.refused)}
        messages.error(request, _("Not accepted, and kept as a dead letter: %(count)s. %(reason)s") % refused)


def _note(request: HttpRequest, node: Node, message: str) -> None:
    """In the node's history, for the audit."""
    rows = Node.objects.filter(pk=node.pk)
    LogEntry.objects.log_actions(cast(User, request.user).pk, rows, CHANGE, message, single_object=True)


def _silence(node: Node) -> str:
    return _("The node %(node)s does not answer.") % {"node": node.name}


def _gone() -> str:
    return _("This dead letter is gone: it was dropped or sent again meanwhile.")
