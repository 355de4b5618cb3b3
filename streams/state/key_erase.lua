-- KEYS: a subject's hash; the tenant's counts; the ids of erased keys; optionally, the ids destroyed of this subject.
-- Destroys the subject's keys. Answers their ids, and the ids of those that were destroyed before.
-- A record begins with the key-encryption key and a space, unless it is damaged.
local erased, before = {}, {}
if KEYS[4] then
  local remembered = redis.call('HGETALL', KEYS[4])
  for place = 1, #remembered, 2 do
    before[#before + 1] = remembered[place]
  end
end
local fields = redis.call('HGETALL', KEYS[1])
for place = 1, #fields, 2 do
  local id = string.match(fields[place], '^key:(.*)$')
  if id then
    erased[#erased + 1] = id
    redis.call('SADD', KEYS[3], id)
    if KEYS[4] then
      redis.call('HSET', KEYS[4], id, '')
    end
    local kek = 'kek:' .. (string.match(fields[place + 1], '^%S+') or '')
    if tonumber(redis.call('HGET', KEYS[2], kek) or 0) > 0 then
      redis.call('HINCRBY', KEYS[2], kek, -1)
    end
  end
end
if redis.call('DEL', KEYS[1]) == 1 then
  redis.call('HINCRBY', KEYS[2], 'subjects', -1)
end
return {erased, before}
