-- Gives a job up: it goes to the dead letters, and every snapshot that waits for it has failed.
-- A job that another worker has already ended changes nothing.
-- KEYS: 1 image, 2 work, 3 jobs, 4 results, 5 load, 6 dead letters
-- ARGV: 1 consumer group, 2 job's stream id, 3 digest, 4 ending, 5 reason, 6 how often it was handed out, 7 worker,
--       8 most dead letters that are kept, 9 an answer to give to whoever asks again ('' for none), 10 for so long, s
-- Returns how many results were appended.
local entry = redis.call('XRANGE', KEYS[3], ARGV[2], ARGV[2])[1]
local ended = end_job(KEYS[2], KEYS[3], KEYS[4], KEYS[5], ARGV[1], ARGV[2], ARGV[3], ARGV[4])
if not ended then return 0 end
local snapshots = {}
for i = 1, #ended, 2 do snapshots[#snapshots + 1] = ended[i] end
local fields = entry and entry[2] or {}
redis.call('XADD', KEYS[6], 'MAXLEN', ARGV[8], '*', 'reason', ARGV[5], 'deliveries', ARGV[6], 'worker', ARGV[7],
  'snapshots', table.concat(snapshots, ','), unpack(fields))
if ARGV[9] ~= '' then redis.call('SET', KEYS[1], ARGV[9], 'EX', ARGV[10]) end
return #snapshots
