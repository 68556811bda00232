-- A worker says that it lives. Who has been silent for too long is forgotten, and so is who has beaten later than now:
-- that was before the node's clock was set back, and a living one beats again within a second.
-- KEYS: 1 workers, 2 beats   ARGV: 1 worker id, 2 what it says of itself, 3 silence after which one is dead, ms
-- Returns the node's clock in ms.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
for _, range in ipairs({{'-inf', '(' .. (now - ARGV[3])}, {'(' .. now, '+inf'}}) do
  for _, worker in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], range[1], range[2])) do
    redis.call('ZREM', KEYS[1], worker)
    redis.call('HDEL', KEYS[2], worker)
  end
end
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return now
