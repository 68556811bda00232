-- Leaves a dead letter standing for some of those that had waited for it, under a new id. Deleting the old one comes
-- first for a full server's sake: it refuses XADD only to scripts that have written nothing yet.
-- KEYS: 1 dead letters   ARGV: 1 its id, 2 the snapshots that are left   Returns its new id, nil if it is gone.
local letter = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
if not letter then return nil end
local fields, given_up_at = letter[2], nil
for i = 1, #fields, 2 do
  if fields[i] == 'snapshots' then fields[i + 1] = ARGV[2] end
  if fields[i] == 'at' then given_up_at = fields[i + 1] end
end
if not given_up_at then -- its first id says so
  fields[#fields + 1] = 'at'
  fields[#fields + 1] = string.match(ARGV[1], '^%d+')
end
redis.call('XDEL', KEYS[1], ARGV[1])
return redis.call('XADD', KEYS[1], '*', unpack(fields))
