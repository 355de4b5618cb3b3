-- KEYS: a subject's hash; the tenant's counts; the ids of erased keys.
-- Destroys the subject's keys and answers their ids. A record begins with the key-encryption key and a space.
local erased = {}
local fields = redis.call('HGETALL', KEYS[1])
for place = 1, #fields, 2 do
  local id = string.match(fields[place], '^key:(.*)$')
  if id then
    erased[#erased + 1] = id
    redis.call('SADD', KEYS[3], id)
    redis.call('HINCRBY', KEYS[2], 'kek:' .. string.match(fields[place + 1], '^%S+'), -1)
  end
end
if redis.call('DEL', KEYS[1]) == 1 then
  redis.call('HINCRBY', KEYS[2], 'subjects', -1)
end
return erased
