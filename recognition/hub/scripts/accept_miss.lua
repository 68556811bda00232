-- Accepts a snapshot that no cache answers: standing in the ledger, photo and all, is its acceptance.
-- KEYS: 1 ledger entry, 2 ledger due, 3 received, 4 registry epoch, 5 remembered reply, 6 scene of the camera,
--       7 gallery epoch, 8 in the ledger
-- ARGV: 1 registry epoch known to the caller, 2 camera, 3 ref, 4 photo, 5 node, 6 snapshot, 7 due ms,
--       8 reply to remember ('' for none), 9 its time to live s,
--       10 recipe ('' for a snapshot that must be looked at), 11 captured_at ms, 12 how old a scene may be ms
-- Returns {'STALE', epoch} | {'REPEAT', reply} | {'OK'} | {'OK', snapshot, captured_at ms, signature} when the camera's
-- scene is fit to be compared with: then the ledger notes whose it is.
local refused = refusal(KEYS[4], ARGV[1], KEYS[5], ARGV[8], ARGV[9])
if refused then return refused end
redis.call('HSET', KEYS[1], 'ref', ARGV[3], 'photo', ARGV[4], 'nodes', ARGV[5])
redis.call('ZADD', KEYS[2], ARGV[7], ARGV[6])
redis.call('HINCRBY', KEYS[3], ARGV[2], 1)
redis.call('HINCRBY', KEYS[8], ARGV[2], 1)
if ARGV[10] == '' then return {'OK'} end
local scene = redis.call('HMGET', KEYS[6], 'recipe', 'gallery', 'captured_at', 'snapshot', 'signature')
if scene[1] ~= ARGV[10] then return {'OK'} end
local age_ms = tonumber(ARGV[11]) - tonumber(scene[3])
if age_ms < 0 or age_ms >= tonumber(ARGV[12]) then return {'OK'} end
local gallery = redis.call('GET', KEYS[7])
if gallery and tonumber(gallery) > tonumber(scene[2]) then return {'OK'} end -- it was recognised among other people
redis.call('HSET', KEYS[1], 'scene', scene[4])
return {'OK', scene[4], scene[3], scene[5]}
