"""The words for states: shown by templates, and handed to the browser, which has no catalogue of its own."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recognition.alerts.sentences import SENTENCES
from recognition.reasons import OF_NODES, OF_SNAPSHOTS

WORDS: dict[str, str | Promise] = {
    "camera.live": _("live"),
    "camera.late": _("late"),
    "camera.offline": _("offline"),
    "camera.disabled": _("switched off"),
    "camera.waiting": _("waiting for its first snapshot"),
    "node.up": _("up"),
    "node.degraded": _("degraded"),
    "node.down": _("down"),
    "node.disabled": _("switched off"),
    "node.cordoned": _("cordoned"),
    "node.unknown": _("unknown"),
    "spare.enough": _("Without %(node)s the rest would run at %(load)s."),
    "spare.short": _("Without %(node)s the rest would run at %(load)s: too much for them."),
    "spare.alone": _("No other node: without %(node)s nobody looks at these photos."),
    "spare.unknown": _("How the rest would run without the busiest is not known yet."),
    "spare.none": _("No node that takes photos has workers: nobody looks at these photos."),
    "monitor.silent": _("The monitor has not reported for %(age)s: how the nodes are doing is not known."),
    "monitor.never": _("The monitor has not reported yet: how the nodes are doing is not known."),
    "hub.up": _("up"),
    "hub.down": _("down"),
    "result.hit": _("cached"),
    "result.join": _("joined"),
    "result.miss": _("recognised"),
    "result.unchanged": _("unchanged"),
    "result.done": _("done"),
    "result.failed": _("failed"),
    "result.expired": _("expired"),
    "alert.raised": _("raised"),
    "alert.acknowledged": _("acknowledged"),
    "face.none": _("no face"),
    "face.stranger": _("stranger"),
    "face.poor": _("too poor to identify"),
    "camera.none": _("by hand"),
    "retry": _("Trying again in %(seconds)s s."),
    "picture": _("Newest snapshot of %(camera)s"),
    "ticker.pause": _("Pause"),
    "ticker.resume": _("Resume"),
    **{f"trouble.{kind}": sentence for kind, sentence in SENTENCES.items()},
    **{f"reason.{reason}": text for reason, text in {**OF_NODES, **OF_SNAPSHOTS}.items()},
}


def word(kind: str, key: str) -> str:
    """The word for `key` among the words of `kind`; an unknown one is shown as it came."""
    return str(WORDS.get(f"{kind}.{key}", key))


def phrase(kind: str, key: str, **places: str) -> str:
    """The word with its %(name)s places filled."""
    return word(kind, key) % places
