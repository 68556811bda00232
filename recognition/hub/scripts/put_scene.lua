-- Keeps the scene of a camera's recognised snapshot for the next ones, unless that of a newer one stands there.
-- KEYS: 1 scene of the camera
-- ARGV: 1 snapshot, 2 captured_at ms, 3 recipe, 4 gallery epoch, 5 signature, 6 time to live ms
-- Returns 1 if it was kept, else 0.
local known = redis.call('HGET', KEYS[1], 'captured_at')
if known and tonumber(known) >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'snapshot', ARGV[1], 'captured_at', ARGV[2], 'recipe', ARGV[3], 'gallery', ARGV[4],
  'signature', ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return 1
