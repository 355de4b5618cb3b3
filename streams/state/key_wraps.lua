-- KEYS: the tenant's counts. ARGV: a key-encryption key; how many wrappings to reserve.
-- Answers how many are reserved by now, ever.
return redis.call('HINCRBY', KEYS[1], 'wraps:' .. ARGV[1], ARGV[2])
