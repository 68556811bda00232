-- Notes in the ledger that a snapshot is about to be offered to a further node, or that one has refused it.
-- KEYS: 1 ledger entry, 2 ledger due
-- ARGV: 1 snapshot, 2 node ('': to none for now), 3 due ms, 4 1: the node that stands last has refused it
-- Returns 1, or 0 if the ledger does not hold the snapshot (any more).
if not redis.call('ZSCORE', KEYS[2], ARGV[1]) then return 0 end
local nodes = redis.call('HGET', KEYS[1], 'nodes')
if ARGV[4] == '1' then nodes = string.gsub(nodes, ',?%d+$', '') end
if nodes ~= '' and ARGV[2] ~= '' then nodes = nodes .. ',' end
redis.call('HSET', KEYS[1], 'nodes', nodes .. ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
return 1
