"""A node's Lua scripts. Each file's head says what it is given and what it returns."""

from recognition.node.lua import script_beside

BEAT = script_beside(__file__, "beat")
FINISH = script_beside(__file__, "finish")
OFFER = script_beside(__file__, "offer")
STILL_WAITING = script_beside(__file__, "still_waiting")
