-- Offers a photo: looks once more for its answer, joins equal work, else queues a job.
-- KEYS: 1 image, 2 work, 3 jobs, 4 load
-- ARGV: 1 snapshot, 2 job, 3 photo, 4 most jobs that may wait, 5 most bytes that their photos may have,
--       6 how long the snapshot still has, ms
-- Returns {'HIT', answer} | {'JOINED'} | {'QUEUED'} | {'FULL'}. Offering a snapshot twice does no harm.
local answer = redis.call('GET', KEYS[1])
if answer then return {'HIT', answer} end
local clock = redis.call('TIME')
local deadline = clock[1] * 1000 + math.floor(clock[2] / 1000) + tonumber(ARGV[6])
local latest = redis.call('HGET', KEYS[2], 'deadline')
if latest then
  redis.call('HSETNX', KEYS[2], ARGV[1], 'join')
  if deadline > tonumber(latest) then redis.call('HSET', KEYS[2], 'deadline', deadline) end
  return {'JOINED'}
end
local waiting = redis.call('XLEN', KEYS[3])
if waiting >= tonumber(ARGV[4]) then return {'FULL'} end
if waiting > 0 and tonumber(redis.call('GET', KEYS[4]) or 0) + #ARGV[3] > tonumber(ARGV[5]) then return {'FULL'} end
local job = redis.call('XADD', KEYS[3], '*', 'job', ARGV[2], 'photo', ARGV[3])
redis.call('HSET', KEYS[2], ARGV[1], 'miss', 'job', job, 'deadline', deadline, 'bytes', #ARGV[3])
if waiting == 0 then redis.call('DEL', KEYS[4]) end -- whatever was miscounted, such as jobs deleted by hand, ends here
redis.call('INCRBY', KEYS[4], #ARGV[3])
return {'QUEUED'}
