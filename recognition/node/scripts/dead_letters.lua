-- Dead letters without their photos, which may be many and large; newest first.
-- KEYS: 1 dead letters   ARGV: 1 newest and 2 oldest stream id
-- Returns what XREVRANGE does, with the size of each photo, in bytes, in its place.
local letters = redis.call('XREVRANGE', KEYS[1], ARGV[1], ARGV[2])
for _, letter in ipairs(letters) do
  local fields = letter[2]
  for i = 1, #fields, 2 do
    if fields[i] == 'photo' then fields[i + 1] = tostring(#fields[i + 1]) end
  end
end
return letters
