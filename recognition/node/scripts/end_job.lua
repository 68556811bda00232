-- Stands before the scripts that end a job.
-- Acknowledges and deletes it, and appends a result for each snapshot that waits for it. Returns how these stand, a flat
-- list of snapshot and way; nil if another worker has ended the job already.
local function end_job(work, jobs, results, load, group, job, digest, ending)
  if redis.call('XACK', jobs, group, job) == 0 then return nil end
  redis.call('XDEL', jobs, job)
  local bytes = redis.call('HGET', work, 'bytes')
  if bytes then redis.call('DECRBY', load, bytes) end
  redis.call('HDEL', work, 'job', 'deadline', 'bytes')
  local waiting = redis.call('HGETALL', work)
  redis.call('DEL', work)
  for i = 1, #waiting, 2 do
    redis.call('XADD', results, '*', 'snapshot', waiting[i], 'way', waiting[i + 1], 'digest', digest, 'ending', ending)
  end
  return waiting
end

