-- Accepts a snapshot that a node's cache has answered: standing in the hit stream is its acceptance.
-- KEYS: 1 hits, 2 received, 3 registry epoch, 4 newest of the camera, 5 remembered reply, 6 in the ledger
-- ARGV: 1 registry epoch known to the caller, 2 camera, 3 ref, 4 node, 5 ending, 6 snapshot, 7 digest,
--       8 captured_at ms, 9 photo ('' when the caller believes it to be the newest already),
--       10 newest's time to live s, 11 reply to remember ('' for none), 12 its time to live s
-- Returns {'STALE', epoch} | {'REPEAT', reply} | {'OK', 1 if the photo is wanted, else 0}
local refused = refusal(KEYS[3], ARGV[1], KEYS[5], ARGV[11], ARGV[12])
if refused then return refused end
redis.call('XADD', KEYS[1], '*', 'ref', ARGV[3], 'node', ARGV[4], 'way', 'hit', 'ending', ARGV[5])
redis.call('HINCRBY', KEYS[2], ARGV[2], 1)
redis.call('HINCRBY', KEYS[6], ARGV[2], 1)
if ARGV[2] == '0' then return {'OK', 0} end
local newest = redis.call('HMGET', KEYS[4], 'captured_at', 'digest')
if newest[1] and tonumber(newest[1]) > tonumber(ARGV[8]) then return {'OK', 0} end
if newest[2] == ARGV[7] then
  redis.call('HSET', KEYS[4], 'snapshot', ARGV[6], 'captured_at', ARGV[8])
  redis.call('EXPIRE', KEYS[4], ARGV[10])
  return {'OK', 0}
end
if ARGV[9] == '' then return {'OK', 1} end
redis.call('HSET', KEYS[4], 'snapshot', ARGV[6], 'captured_at', ARGV[8], 'digest', ARGV[7], 'photo', ARGV[9])
redis.call('EXPIRE', KEYS[4], ARGV[10])
return {'OK', 0}
