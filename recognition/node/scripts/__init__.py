"""A node's Lua scripts. Each file's head says what it is given and what it returns."""

from recognition.node.lua import script_beside

_end_job = script_beside(__file__, "end_job")

BEAT = script_beside(__file__, "beat")
BURY = _end_job + script_beside(__file__, "bury")
DEAD_LETTERS = script_beside(__file__, "dead_letters")
FINISH = _end_job + script_beside(__file__, "finish")
NARROW = script_beside(__file__, "narrow")
OFFER = script_beside(__file__, "offer")
STILL_WAITING = script_beside(__file__, "still_waiting")
