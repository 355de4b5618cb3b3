-- KEYS: the ids of erased keys. ARGV: more of them.
for _, id in ipairs(ARGV) do
  redis.call('SADD', KEYS[1], id)
end
