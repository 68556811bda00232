-- Stands before the scripts that accept a snapshot.
-- What such a script returns in place of accepting: {'STALE', epoch} when the registry has moved on since `known`,
-- {'REPEAT', reply} when a reply is remembered already. Otherwise nil, and then `reply` is remembered ('': nothing is).
local function refusal(epoch_key, known, remembered_key, reply, ttl_s)
  local epoch = redis.call('GET', epoch_key)
  if epoch and tonumber(epoch) > tonumber(known) then return {'STALE', epoch} end
  if reply == '' then return nil end
  local first = redis.call('GET', remembered_key)
  if first then return {'REPEAT', first} end
  redis.call('SET', remembered_key, reply, 'EX', ttl_s)
  return nil
end

