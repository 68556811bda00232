-- Offers a photo: looks once more for its answer, joins equal work, else queues a job.
-- KEYS: 1 image, 2 work, 3 jobs
-- ARGV: 1 snapshot, 2 job, 3 photo, 4 most jobs that may wait, 5 deadline ms
-- Returns {'HIT', answer} | {'JOINED'} | {'QUEUED'} | {'FULL'}. Offering a snapshot twice does no harm.
local answer = redis.call('GET', KEYS[1])
if answer then return {'HIT', answer} end
local deadline = redis.call('HGET', KEYS[2], 'deadline')
if deadline then
  redis.call('HSETNX', KEYS[2], ARGV[1], 'join')
  if tonumber(ARGV[5]) > tonumber(deadline) then redis.call('HSET', KEYS[2], 'deadline', ARGV[5]) end
  return {'JOINED'}
end
if redis.call('XLEN', KEYS[3]) >= tonumber(ARGV[4]) then return {'FULL'} end
local job = redis.call('XADD', KEYS[3], '*', 'job', ARGV[2], 'photo', ARGV[3])
redis.call('HSET', KEYS[2], ARGV[1], 'miss', 'job', job, 'deadline', ARGV[5])
return {'QUEUED'}
