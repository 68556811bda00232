"""Snapshot ids: UUID version 7 (RFC 9562, section 5.7) as 32 hex characters, so that they sort by time."""

import re
import secrets

_VERSION = 7 << 76
_VARIANT = 2 << 62
_RANDOM_A_MASK = 0xFFF
_RANDOM_B_MASK = (1 << 62) - 1


def new_snapshot_id(made_at_ms: int) -> str:
    """made_at_ms: since 1970, by the hub's clock."""
    random = secrets.randbits(74)
    number = made_at_ms << 80 | _VERSION | (random >> 62 & _RANDOM_A_MASK) << 64 | _VARIANT | random & _RANDOM_B_MASK
    return f"{number:032x}"


def made_at_ms(snapshot: str) -> int | None:
    """The moment that the id names. None for what is no id."""
    if not re.fullmatch("[0-9a-f]{32}", snapshot):
        return None
    return max(1, int(snapshot, 16) >> 80)
