-- KEYS: a subject's hash; the tenant's counts. ARGV: the least id of a current key; uses to reserve; the most uses of a
-- key; id, record and key-encryption key of a proposal.
-- Answers id and record of the subject's current key, with the uses reserved: the one there is, or else the proposal.
local current = redis.call('HGET', KEYS[1], 'current')
local asked, most = tonumber(ARGV[2]), tonumber(ARGV[3])
if current and current >= ARGV[1] then
  local uses = tonumber(redis.call('HGET', KEYS[1], 'uses'))
  local record = redis.call('HGET', KEYS[1], 'key:' .. current)
  if record and uses + asked <= most then
    redis.call('HINCRBY', KEYS[1], 'uses', asked)
    return {current, record}
  end
end
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HINCRBY', KEYS[2], 'subjects', 1)
end
redis.call('HSET', KEYS[1], 'current', ARGV[4], 'uses', asked, 'key:' .. ARGV[4], ARGV[5])
redis.call('HINCRBY', KEYS[2], 'kek:' .. ARGV[6], 1)
return {ARGV[4], ARGV[5]}
