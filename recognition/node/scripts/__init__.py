"""A node's Lua scripts. Each file's head says what it is given and what it returns."""

from pathlib import Path


def _script(name: str) -> str:
    return (Path(__file__).parent / f"{name}.lua").read_text()


BEAT = _script("beat")
FINISH = _script("finish")
OFFER = _script("offer")
STILL_WAITING = _script("still_waiting")
