-- KEYS: a subject's hash; the tenant's counts. ARGV: a key's id; the record expected; the record to put in its place;
-- the key-encryption keys of both.
-- Answers 1; 0 if the record is another meanwhile, or gone, and then changes nothing.
local field = 'key:' .. ARGV[1]
if redis.call('HGET', KEYS[1], field) ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[1], field, ARGV[3])
redis.call('HINCRBY', KEYS[2], 'kek:' .. ARGV[4], -1)
redis.call('HINCRBY', KEYS[2], 'kek:' .. ARGV[5], 1)
return 1
