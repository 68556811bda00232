-- Accepts a snapshot that no cache answers: standing in the ledger, photo and all, is its acceptance.
-- KEYS: 1 ledger entry, 2 ledger due, 3 received, 4 registry epoch, 5 remembered reply
-- ARGV: 1 registry epoch known to the caller, 2 camera, 3 ref, 4 photo, 5 node, 6 snapshot, 7 due ms,
--       8 reply to remember ('' for none), 9 its time to live s
-- Returns {'STALE', epoch} | {'REPEAT', reply} | {'OK'}
local epoch = redis.call('GET', KEYS[4])
if epoch and tonumber(epoch) > tonumber(ARGV[1]) then return {'STALE', epoch} end
if ARGV[8] ~= '' then
  local reply = redis.call('GET', KEYS[5])
  if reply then return {'REPEAT', reply} end
  redis.call('SET', KEYS[5], ARGV[8], 'EX', ARGV[9])
end
redis.call('HSET', KEYS[1], 'ref', ARGV[3], 'photo', ARGV[4], 'nodes', ARGV[5])
redis.call('ZADD', KEYS[2], ARGV[7], ARGV[6])
redis.call('HINCRBY', KEYS[3], ARGV[2], 1)
return {'OK'}
