-- KEYS: a subject's hash; the tenant's counts. ARGV: the least id of a current key; uses to reserve; the most uses of a
-- key; the id of a damaged key; if there is a proposal: its id, record and key-encryption key.
-- Answers id and record of the subject's current key, with the uses reserved: the one there is, or else the proposal;
-- nothing, and reserves nothing, where there is neither.
local current = redis.call('HGET', KEYS[1], 'current')
local asked, most = tonumber(ARGV[2]), tonumber(ARGV[3])
if current and current >= ARGV[1] and current ~= ARGV[4] then
  local uses = tonumber(redis.call('HGET', KEYS[1], 'uses'))
  local record = redis.call('HGET', KEYS[1], 'key:' .. current)
  if record and uses and uses + asked <= most then
    redis.call('HINCRBY', KEYS[1], 'uses', asked)
    return {current, record}
  end
end
if not ARGV[5] then
  return false
end
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HINCRBY', KEYS[2], 'subjects', 1)
end
redis.call('HSET', KEYS[1], 'current', ARGV[5], 'uses', asked, 'key:' .. ARGV[5], ARGV[6])
redis.call('HINCRBY', KEYS[2], 'kek:' .. ARGV[7], 1)
return {ARGV[5], ARGV[6]}
