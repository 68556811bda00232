-- Clears a recorded snapshot from wherever the hub holds it, and counts how it ended, in the same moment.
-- Its photo becomes the camera's newest unless a newer one stands there.
-- KEYS: 1 ledger entry, 2 ledger due, 3 newest of the camera, 4 hits, 5 ended, 6 in the ledger
-- ARGV: 1 snapshot, 2 captured_at ms, 3 digest, 4 newest's time to live s (0: no camera sent it), 5 camera,
--       6 state of its outcome, 7 its id in the hit stream ('': it stands in the ledger)
-- Returns 1 if this snapshot is now the camera's newest, else 0.
local held = ARGV[7] == '' and redis.call('ZREM', KEYS[2], ARGV[1]) or redis.call('XDEL', KEYS[4], ARGV[7])
if held == 1 then
  redis.call('HINCRBY', KEYS[5], ARGV[5] .. ':' .. ARGV[6], 1)
  redis.call('HINCRBY', KEYS[6], ARGV[5], -1)
end
local photo = redis.call('HGET', KEYS[1], 'photo')
redis.call('DEL', KEYS[1])
if ARGV[4] == '0' then return 0 end
local newest = redis.call('HMGET', KEYS[3], 'captured_at', 'snapshot')
if newest[2] == ARGV[1] then return 1 end
if not photo then return 0 end
if newest[1] and tonumber(newest[1]) > tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[3], 'snapshot', ARGV[1], 'captured_at', ARGV[2], 'digest', ARGV[3], 'photo', photo)
redis.call('EXPIRE', KEYS[3], ARGV[4])
return 1
