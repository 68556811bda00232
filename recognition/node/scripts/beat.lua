-- A worker says that it lives. Workers silent for a minute are forgotten.
-- KEYS: 1 workers, 2 worker   ARGV: 1 worker id, 2 what it says of itself, 3 time to live s
-- Returns the node's clock in ms.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 60000)
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
return now
