-- Ends a job: stores its answer, appends a result for each snapshot that waits, acknowledges and deletes the job.
-- A job that another worker has already ended changes nothing.
-- KEYS: 1 image, 2 work, 3 jobs, 4 results
-- ARGV: 1 consumer group, 2 job's stream id, 3 digest, 4 ending, 5 the answer's time to live s (0: not cached),
--       6 a moment, ms: changes nothing if a snapshot that waits has its deadline after it (0: ends the job anyway),
--       7 1: the ending speaks of an earlier photo of one camera. It is never stored, and changes nothing if anyone
--         has joined the snapshot that the job was queued for (0: it speaks of this photo alone)
-- Returns how many results were appended, -1 if a snapshot has time left or has joined.
if ARGV[6] ~= '0' and tonumber(redis.call('HGET', KEYS[2], 'deadline') or 0) > tonumber(ARGV[6]) then return -1 end
if ARGV[7] == '1' then
  local alone = redis.call('HLEN', KEYS[2]) == 3 -- job, deadline and the snapshot that it was queued for
  if not alone or redis.call('HGET', KEYS[2], 'job') ~= ARGV[2] then return -1 end
end
if redis.call('XACK', KEYS[3], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('XDEL', KEYS[3], ARGV[2])
redis.call('HDEL', KEYS[2], 'job', 'deadline')
local waiting = redis.call('HGETALL', KEYS[2])
redis.call('DEL', KEYS[2])
if ARGV[5] ~= '0' and ARGV[7] == '0' then redis.call('SET', KEYS[1], ARGV[4], 'EX', ARGV[5]) end
for i = 1, #waiting, 2 do
  redis.call('XADD', KEYS[4], '*', 'snapshot', waiting[i], 'way', waiting[i + 1], 'digest', ARGV[3], 'ending', ARGV[4])
end
return #waiting / 2
