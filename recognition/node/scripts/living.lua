-- What each living worker says of itself: those that have beaten lately, by the node's clock.
-- KEYS: 1 workers, 2 beats   ARGV: 1 silence after which one is dead, ms   Returns a list of beats.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local living = redis.call('ZRANGEBYSCORE', KEYS[1], now - ARGV[1], now)
local beats = {}
for _, worker in ipairs(living) do
  local beat = redis.call('HGET', KEYS[2], worker)
  if beat then table.insert(beats, beat) end
end
return beats
