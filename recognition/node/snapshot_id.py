"""Snapshot ids: UUID version 7 (RFC 9562, section 5.7) as 32 hex characters, so that they sort by time."""

import secrets
import time

_VERSION = 7 << 76
_VARIANT = 2 << 62
_RANDOM_A_MASK = 0xFFF
_RANDOM_B_MASK = (1 << 62) - 1


def new_snapshot_id() -> str:
    random = secrets.randbits(74)
    milliseconds = time.time_ns() // 1_000_000
    number = milliseconds << 80 | _VERSION | (random >> 62 & _RANDOM_A_MASK) << 64 | _VARIANT | random & _RANDOM_B_MASK
    return f"{number:032x}"
