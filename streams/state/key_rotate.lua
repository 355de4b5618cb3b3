-- KEYS: a subject's hash; the tenant's counts. ARGV: id, record and key-encryption key of the new current key.
-- Answers 1; 0 if the subject has no key, and then stores none.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('HSET', KEYS[1], 'current', ARGV[1], 'uses', 0, 'key:' .. ARGV[1], ARGV[2])
redis.call('HINCRBY', KEYS[2], 'kek:' .. ARGV[3], 1)
return 1
