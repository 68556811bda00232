"""How the wall writes what the live messages carry. static/js/words.js writes the same in the browser."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template

from recognition.pages.overlay import Mark, marks
from recognition.pages.words import word
from recognition.reasons import told

UNKNOWN = "–"
MISSING: tuple[object, ...] = (None, "")  # not told by the message; not in a blank record

register = template.Library()
register.filter("word", lambda key, kind: word(kind, key))
register.filter("told", told)


@register.filter
def count(number: int | None) -> str:
    return UNKNOWN if number in MISSING else f"{number:,}"


@register.filter
def percent(part: float | None) -> str:
    return UNKNOWN if part in MISSING else f"{part:.0%}"


@register.filter
def hundredths(part: float | None) -> int:
    return round(part * 100) if part else 0


@register.filter
def rate(per_s: float | None) -> str:
    return UNKNOWN if per_s in MISSING else f"{per_s:,.1f}"


@register.filter
def took(ms: float | None) -> str:
    return UNKNOWN if ms in MISSING else f"{ms:,.0f} ms"


@register.filter
def moment(iso: str) -> datetime:
    return datetime.fromisoformat(iso)


@register.filter
def marked(result: Mapping[str, Any]) -> list[Mark]:
    return marks(result["width"], result["height"], result["faces"])


@register.filter
def seen(result: Mapping[str, Any]) -> str:
    """Who is on the picture: names first, then how many strangers, then how many that nobody could tell."""
    if result["state"] != "done":
        return told(result["reason"])
    names = [face["person"]["name"] for face in result["faces"] if face["person"]]
    nameless = Counter("poor" if face["poor"] else "stranger" for face in result["faces"] if not face["person"])
    counted = [(word("face", kind), nameless[kind]) for kind in ("stranger", "poor") if nameless[kind]]
    groups = [text + (f" × {number}" if number > 1 else "") for text, number in counted]
    return ", ".join([*names, *groups]) or word("face", "none")


@register.filter
def trouble_text(trouble: Mapping[str, Any]) -> str:
    return word("trouble", trouble["kind"]) % {"about": trouble["about"], "text": told(trouble["text"])}


@register.filter
def ending(result: Mapping[str, Any]) -> str:
    """The one word that says most about how a result came: its way when it was recognised, else its state."""
    return str((result["way"] or "done") if result["state"] == "done" else result["state"])
