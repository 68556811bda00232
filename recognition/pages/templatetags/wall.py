"""How the wall writes what the live messages carry. static/js/words.js writes the same in the browser."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template

from recognition.pages.overlay import Mark, marks
from recognition.pages.words import phrase, word
from recognition.recipe import ENROL

UNKNOWN = "–"
MISSING: tuple[object, ...] = (None, "")  # not told by the message; not in a blank record
MONITOR_LATE_S = 5

register = template.Library()
register.filter("word", lambda key, kind: word(kind, key))


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
    return UNKNOWN if per_s in MISSING else f"{per_s:.1f}"


@register.filter
def took(ms: float | None) -> str:
    return UNKNOWN if ms in MISSING else f"{ms:,.0f} ms"


@register.filter
def latency(ms: float | None) -> str:
    if ms is None or ms in MISSING:
        return UNKNOWN
    return f"{ms:.1f} ms" if ms < 10 else f"{ms:,.0f} ms" if ms < 10_000 else f"{ms / 1000:.1f} s"


@register.filter
def age(s: float | None) -> str:
    if s is None or s in MISSING:
        return UNKNOWN
    for unit, length_s in (("d", 86_400), ("h", 3600), ("min", 60)):
        if s >= 2 * length_s:
            return f"{s // length_s:.0f} {unit}"
    return f"{s // 1:.0f} s"


@register.filter
def size(in_bytes: float | None) -> str:
    if in_bytes is None or in_bytes in MISSING:
        return UNKNOWN
    for unit, length in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if in_bytes >= length:
            return f"{in_bytes / length:.{1 if in_bytes < 10 * length else 0}f} {unit}"
    return f"{in_bytes} B"


@register.filter
def weight(number: float | None) -> str:
    return UNKNOWN if number in MISSING else f"{number:,.2f}".rstrip("0").rstrip(".")


@register.filter
def listed(texts: list[str]) -> str:
    return ", ".join(texts) or UNKNOWN


@register.filter
def usual(recipes: list[str]) -> list[str]:
    """Without those of enrolment, which go with the others."""
    return [recipe for recipe in recipes if not recipe.endswith(f".{ENROL}")]


@register.filter
def of_limit(node: Mapping[str, Any]) -> float | None:
    """The part of its memory that a node uses; None where no limit is set or known."""
    limit = node.get("memory_limit_bytes")
    return node["memory_bytes"] / limit if limit else None


@register.filter
def spare_words(spare: Mapping[str, Any]) -> str:
    return phrase("spare", spare["verdict"], node=spare["busiest"], load=percent(spare["load"]))


@register.filter
def monitor_words(totals: Mapping[str, Any]) -> str:
    """What to say of a monitor that is silent; nothing while it reports, or while the hub is down."""
    silent_s = totals["monitor_silent_s"]
    if totals["hub"] == "down" or (silent_s is not None and silent_s < MONITOR_LATE_S):
        return ""
    return word("monitor", "never") if silent_s is None else phrase("monitor", "silent", age=age(silent_s))


@register.filter
def moment(iso: str) -> datetime:
    return datetime.fromisoformat(iso)


@register.filter
def marked(result: Mapping[str, Any]) -> list[Mark]:
    return marks(result["width"], result["height"], result["faces"])


@register.filter
def seen(result: Mapping[str, Any]) -> str:
    """Who is on the picture: names first, then how many strangers."""
    if result["state"] != "done":
        return str(result["reason"])
    names = [face["person"]["name"] for face in result["faces"] if face["person"]]
    strangers = len(result["faces"]) - len(names)
    if strangers:
        names.append(word("face", "stranger") + (f" × {strangers}" if strangers > 1 else ""))
    return ", ".join(names) or word("face", "none")


@register.filter
def trouble_text(trouble: Mapping[str, Any]) -> str:
    text = word("detail", trouble["text"])
    return word("trouble", trouble["kind"]) % {"about": trouble["about"], "text": text}


@register.filter
def ending(result: Mapping[str, Any]) -> str:
    """The one word that says most about how a result came: its way when it was recognised, else its state."""
    return str((result["way"] or "done") if result["state"] == "done" else result["state"])
