"""How the node console writes what the live messages carry. static/js/words.js writes the same in the browser."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django import template

from recognition.pages.templatetags.wall import UNKNOWN, percent
from recognition.pages.words import phrase, word
from recognition.recipe import ENROL

MONITOR_LATE_S = 5
AGES = (("d", 86_400), ("h", 3600), ("min", 60))
SIZES = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))

register = template.Library()


def known(write: Callable[[float], str]) -> Callable[[float | None], str]:
    """A blank record has empty texts where others have numbers."""

    @wraps(write)
    def written(value: float | None) -> str:
        return write(value) if isinstance(value, int | float) else UNKNOWN

    return written


@register.filter
@known
def latency(ms: float) -> str:
    if ms < 10:
        return f"{ms:.1f} ms"
    return f"{ms:,.0f} ms" if ms < 10_000 else f"{ms / 1000:.1f} s"


@register.filter
@known
def age(s: float) -> str:
    unit, length_s = next(((unit, length_s) for unit, length_s in AGES if s >= 2 * length_s), ("s", 1))
    return f"{s // length_s:.0f} {unit}"


@register.filter
@known
def size(in_bytes: float) -> str:
    unit, length = next(((unit, length) for unit, length in SIZES if in_bytes >= length), ("B", 1))
    decimals = 1 if unit != "B" and in_bytes < 10 * length else 0
    return f"{in_bytes / length:.{decimals}f} {unit}"


@register.filter
@known
def weight(number: float) -> str:
    return f"{number:,.2f}".rstrip("0").rstrip(".")


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
