-- Takes an acceptance back: no node would have the snapshot, and its sender is told so.
-- KEYS: 1 ledger entry, 2 ledger due, 3 received, 4 remembered reply, 5 in the ledger
-- ARGV: 1 snapshot, 2 camera, 3 the reply that was remembered when it was accepted ('' for none)
-- Returns 1, or 0 if the ledger does not hold the snapshot (any more), or a repeat has been promised it meanwhile.
if ARGV[3] ~= '' and redis.call('GET', KEYS[4]) ~= ARGV[3] then return 0 end
if redis.call('ZREM', KEYS[2], ARGV[1]) == 0 then return 0 end
redis.call('DEL', KEYS[1])
redis.call('HINCRBY', KEYS[3], ARGV[2], -1)
redis.call('HINCRBY', KEYS[5], ARGV[2], -1)
redis.call('DEL', KEYS[4])
return 1
