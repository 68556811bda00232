"""The hub's Lua scripts. Each file's head says what it is given and what it returns."""

from pathlib import Path


def _script(name: str) -> str:
    return (Path(__file__).parent / f"{name}.lua").read_text()


ACCEPT_HIT = _script("accept_hit")
ACCEPT_MISS = _script("accept_miss")
ANNOUNCE_EPOCH = _script("announce_epoch")
MOVE = _script("move")
SETTLE = _script("settle")
TAKE_BACK = _script("take_back")
TURN_INTO_HIT = _script("turn_into_hit")
