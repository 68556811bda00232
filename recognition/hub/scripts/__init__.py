"""The hub's Lua scripts. Each file's head says what it is given and what it returns."""

from recognition.node.lua import script_beside

_refusal = script_beside(__file__, "refusal")

ACCEPT_HIT = _refusal + script_beside(__file__, "accept_hit")
ACCEPT_MISS = _refusal + script_beside(__file__, "accept_miss")
ANNOUNCE_EPOCH = script_beside(__file__, "announce_epoch")
MOVE = script_beside(__file__, "move")
PROMISE = script_beside(__file__, "promise")
PUT_SCENE = script_beside(__file__, "put_scene")
SETTLE = script_beside(__file__, "settle")
TAKE_BACK = script_beside(__file__, "take_back")
TURN_INTO_HIT = script_beside(__file__, "turn_into_hit")
