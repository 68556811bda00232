-- Accepts a snapshot that no cache answers: standing in the ledger, photo and all, is its acceptance.
-- KEYS: 1 ledger entry, 2 ledger due, 3 received, 4 registry epoch, 5 remembered reply
-- ARGV: 1 registry epoch known to the caller, 2 camera, 3 ref, 4 photo, 5 node, 6 snapshot, 7 due ms,
--       8 reply to remember ('' for none), 9 its time to live s
-- Returns {'STALE', epoch} | {'REPEAT', reply} | {'OK'}
local refused = refusal(KEYS[4], ARGV[1], KEYS[5], ARGV[8], ARGV[9])
if refused then return refused end
redis.call('HSET', KEYS[1], 'ref', ARGV[3], 'photo', ARGV[4], 'nodes', ARGV[5])
redis.call('ZADD', KEYS[2], ARGV[7], ARGV[6])
redis.call('HINCRBY', KEYS[3], ARGV[2], 1)
return {'OK'}
