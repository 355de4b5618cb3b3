-- KEYS: a subject's hash; the tenant's counts; the ids of erased keys. ARGV: id, record and key-encryption key of a key.
-- Answers 1 if it was added, for opening only, and then counts it as wrapped once; 0 if it is there, or was erased.
if redis.call('SISMEMBER', KEYS[3], ARGV[1]) == 1 then
  return 0
end
local new = redis.call('EXISTS', KEYS[1]) == 0
if redis.call('HSETNX', KEYS[1], 'key:' .. ARGV[1], ARGV[2]) == 0 then
  return 0
end
if new then
  redis.call('HINCRBY', KEYS[2], 'subjects', 1)
end
redis.call('HINCRBY', KEYS[2], 'kek:' .. ARGV[3], 1)
redis.call('HINCRBY', KEYS[2], 'wraps:' .. ARGV[3], 1)
return 1
