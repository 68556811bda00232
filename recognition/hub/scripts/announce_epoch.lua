-- Raises the hub's copy of an epoch and tells whoever listens.
-- KEYS: 1 epoch   ARGV: 1 name, 2 number, 3 channel   Returns 1 if it was raised.
local known = tonumber(redis.call('GET', KEYS[1]) or '-1')
if tonumber(ARGV[2]) <= known then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[1] .. ' ' .. ARGV[2])
return 1
