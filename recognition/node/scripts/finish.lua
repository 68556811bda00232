-- Ends a job: stores its answer, appends a result for each snapshot that waits, acknowledges and deletes the job.
-- A job that another worker has already ended changes nothing.
-- KEYS: 1 image, 2 work, 3 jobs, 4 results, 5 load
-- ARGV: 1 consumer group, 2 job's stream id, 3 digest, 4 ending, 5 the answer's time to live s (0: not cached),
--       6 1: nobody waits any more. Changes nothing if a snapshot that waits has time left (0: ends the job anyway),
--       7 1: the ending speaks of an earlier photo of one camera. It is never stored, and changes nothing if anyone
--         has joined the snapshot that the job was queued for (0: it speaks of this photo alone)
-- Returns how many results were appended, -1 if a snapshot has time left or has joined.
if ARGV[6] == '1' then
  local clock = redis.call('TIME')
  local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
  if tonumber(redis.call('HGET', KEYS[2], 'deadline') or 0) > now then return -1 end
end
if ARGV[7] == '1' then
  local alone = redis.call('HLEN', KEYS[2]) == 4 -- job, deadline, bytes and the snapshot that it was queued for
  if not alone or redis.call('HGET', KEYS[2], 'job') ~= ARGV[2] then return -1 end
end
local ended = end_job(KEYS[2], KEYS[3], KEYS[4], KEYS[5], ARGV[1], ARGV[2], ARGV[3], ARGV[4])
if not ended then return 0 end
if ARGV[5] ~= '0' and ARGV[7] == '0' then redis.call('SET', KEYS[1], ARGV[4], 'EX', ARGV[5]) end
return #ended / 2
