-- A node answered from its cache although the look-up had missed: puts the answer into the hit stream.
-- The ledger entry stays until the outcome is recorded, but from now on it is the hit stream that holds the snapshot.
-- KEYS: 1 ledger entry, 2 hits, 3 ledger due   ARGV: 1 node, 2 ending, 3 snapshot
-- Returns 1, or 0 if the ledger does not hold the snapshot (any more).
if redis.call('ZREM', KEYS[3], ARGV[3]) == 0 then return 0 end
local ref = redis.call('HGET', KEYS[1], 'ref')
redis.call('XADD', KEYS[2], '*', 'ref', ref, 'node', ARGV[1], 'way', 'hit', 'ending', ARGV[2])
return 1
