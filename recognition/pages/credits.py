"""Who took the demo mall's photos."""

import json
from pathlib import Path
from typing import TypedDict


class Credit(TypedDict):
    file: str
    person: str
    source: str
    licence: str
    note: str


def read_credits(file: Path) -> list[Credit]:
    """The credits that the demo wrote beside its photos; none when it was not loaded."""
    if not file.exists():
        return []
    found: list[Credit] = json.loads(file.read_text(encoding="utf-8"))
    return found
