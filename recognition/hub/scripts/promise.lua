-- Gives a repeated request the reply that the first one owes: that has died, or has not been told that it was accepted.
-- From now on the snapshot is not taken back.
-- KEYS: 1 remembered reply   ARGV: 1 what stands there, 2 the reply, 3 its time to live s
-- Returns 1, or 0 if something else stands there by now.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
