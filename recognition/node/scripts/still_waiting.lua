-- Whether a snapshot still waits on this node. Work without any job left on the node can never end: it is dropped.
-- KEYS: 1 work, 2 jobs   ARGV: 1 snapshot   Returns 1 or 0.
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
if redis.call('XLEN', KEYS[2]) > 0 then return 1 end
redis.call('DEL', KEYS[1])
return 0
