"""Reasons in the reader's language.

Nodes, the collector, the monitor and the API give reasons in plain English; so they are stored and sent. Pages say
those that stand here in the language of whoever reads, and show others as they came. static/js/words.js does the same.
"""

import re
from collections.abc import Mapping
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as sentence

# By how a reason comes, with a %(name)s for each word of it that differs. `reason` is itself a reason, and told as one.
Reasons = Mapping[str, str | Promise]


def _as_they_come(*sentences: str) -> Reasons:
    return {text: _(text) for text in sentences}


# Why a node is not up: what the monitor says, or the kind of error that it met.
OF_NODES: Reasons = {
    "no worker": _("no worker"),
    "old queue": _("its queue is old"),
    "TimeoutError": _("no answer in time"),
    "ConnectionError": _("no connection"),
    "AuthenticationError": _("user or password refused"),
    "NoPermissionError": _("the user lacks a permission"),
    "BusyLoadingError": _("it is still loading its data"),
    "MasterNotFoundError": _("the Sentinels know no living master"),
    "ClusterDownError": _("the Cluster is down"),
    "ReadOnlyError": _("it is a replica"),
    "MaxConnectionsError": _("it has as many clients as it allows"),
    "ResponseError": _("it answers with an error"),
    "ValueError": _("its address or its answer cannot be read"),
    **_as_they_come(sentence("%(count)s of %(shards)s shards do not answer")),
}

# Why a snapshot ended without an answer.
OF_SNAPSHOTS: Reasons = _as_they_come(
    sentence("This is not a JPEG, PNG or WebP picture."),
    sentence("The picture has more than 50 megapixels."),
    sentence("The picture is stored in a way that takes too long to read."),
    sentence("The picture is damaged or cut short."),
    sentence("recognition failed %(count)s times: %(error)s"),
    sentence("%(count)s workers died of it"),
    sentence("the worker does not serve the recipe %(recipe)s"),
    sentence("the worker compared the photo with no scene"),
    sentence("%(count)s nodes were given it, and none has answered"),
    sentence("its answer could not be recorded (%(error)s)"),
    sentence("its scene is not known"),
    sentence("the recognition that it repeats is gone"),
)

# Why a photo sent by hand, or sent again, was not taken or has no answer.
OF_REFUSALS: Reasons = _as_they_come(
    sentence("The hub does not answer; the snapshot may not have been accepted."),
    sentence("The registry does not answer; the snapshot was not accepted."),
    sentence("No node of the camera's group answers and serves %(recipe)s; the snapshot was not accepted."),
    sentence("The queues of the camera's nodes are full; the snapshot was not accepted."),
    sentence("The camera is disabled or gone."),
    sentence("The body is not a JPEG, PNG or WebP picture."),
    sentence("The picture has no size: %(width)s x %(height)s pixels."),
    sentence("The picture is too large: %(width)s x %(height)s pixels, at most %(most)s megapixels are taken."),
    sentence("The picture cannot be read: its %(kind)s header is damaged or cut off."),
    sentence("The picture cannot be read: %(reason)s"),
    sentence("The photo could not be recognised: %(reason)s"),
    sentence("The snapshot expired before a node had looked at it."),
    sentence("No node had recognised the photo after %(seconds)s seconds."),
    sentence("The node that recognised the photo no longer has the answer."),
    sentence("The node's answer cannot be read."),
    sentence("expired"),
)

KNOWN: Reasons = {**OF_NODES, **OF_SNAPSHOTS, **OF_REFUSALS}
_PLACE = re.compile(r"%\((\w+)\)s")


def told(reason: str) -> str:
    """`reason` in the reader's language."""
    if reason in KNOWN:
        return str(KNOWN[reason])
    for pattern, text in _patterns():
        if found := pattern.fullmatch(reason):
            places = found.groupdict()
            return str(text) % {name: told(part) if name == "reason" else part for name, part in places.items()}
    return reason


@cache
def _patterns() -> list[tuple[re.Pattern[str], str | Promise]]:
    """Those with places, in the order in which they stand above."""
    return [(_pattern(reason), text) for reason, text in KNOWN.items() if "%(" in reason]


def _pattern(reason: str) -> re.Pattern[str]:
    # Split gives texts and, between them, the names of places.
    parts = [_place(part) if at % 2 else re.escape(part) for at, part in enumerate(_PLACE.split(reason))]
    return re.compile("".join(parts))


def _place(name: str) -> str:
    return f"(?P<{name}>{'.+' if name == 'reason' else '[^ ]+'})"
