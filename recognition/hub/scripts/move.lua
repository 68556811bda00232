-- Notes in the ledger that a snapshot is about to be offered to a further node.
-- KEYS: 1 ledger entry, 2 ledger due   ARGV: 1 snapshot, 2 node, 3 due ms
-- Returns 1, or 0 if the ledger does not hold the snapshot (any more).
local nodes = redis.call('HGET', KEYS[1], 'nodes')
if not nodes then return 0 end
redis.call('HSET', KEYS[1], 'nodes', nodes .. ',' .. ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
return 1
