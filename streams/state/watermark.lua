-- Moves watermarks, at the end of the transaction that applied what lies below them.
-- A script and no SET, so that it fails like the scripts before it where the server has forgotten them.
-- KEYS: a watermark for each partition. ARGV: the next offset of each.
for index = 1, #KEYS do
  redis.call('SET', KEYS[index], ARGV[index])
end
