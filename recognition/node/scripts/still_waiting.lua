-- Whether a snapshot still waits on this node. Work whose job is gone can never end: it is dropped.
-- KEYS: 1 work, 2 jobs, 3 load   ARGV: 1 snapshot   Returns 1 or 0.
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
local job, bytes = unpack(redis.call('HMGET', KEYS[1], 'job', 'bytes'))
if job and #redis.call('XRANGE', KEYS[2], job, job) > 0 then return 1 end
if bytes then redis.call('DECRBY', KEYS[3], bytes) end
redis.call('DEL', KEYS[1])
return 0
