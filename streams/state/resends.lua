-- KEYS: the hashes of this window of time and of the last one. ARGV: seconds to keep a hash; the events packed, each
-- as 12 bytes of its id's digest and its offset as 8 bytes, big-endian.
-- Answers a string with "1" for each event whose id was seen before at a lower offset, else "0".
-- The lowest offset of an id stays remembered.
local WIDTH, DIGEST = 20, 12
local current, last, events = KEYS[1], KEYS[2], ARGV[2]
local answers = {}
for position = 1, #events / WIDTH do
  local start = (position - 1) * WIDTH
  local id = string.sub(events, start + 1, start + DIGEST)
  local offset = string.sub(events, start + DIGEST + 1, start + WIDTH)
  local seen = redis.call('HGET', current, id) or redis.call('HGET', last, id)
  local order = seen and struct.unpack('>I8', seen) - struct.unpack('>I8', offset)
  if not seen or order > 0 then
    redis.call('HSET', current, id, offset)
  end
  answers[position] = (seen and order < 0) and '1' or '0'
end
redis.call('EXPIRE', current, ARGV[1])
return table.concat(answers)
