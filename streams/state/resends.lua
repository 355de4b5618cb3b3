-- KEYS: one for each event id. ARGV: seconds to remember, then the offset of each.
-- Answers 1 for each id that was seen before at a lower offset, else 0. The lowest offset stays remembered.
local answers = {}
for position, key in ipairs(KEYS) do
  local offset = ARGV[position + 1]
  local seen = redis.call('SET', key, offset, 'NX', 'GET', 'EX', ARGV[1])
  if seen and tonumber(seen) < tonumber(offset) then
    answers[position] = 1
  else
    if seen and tonumber(seen) > tonumber(offset) then
      redis.call('SET', key, offset, 'EX', ARGV[1])
    end
    answers[position] = 0
  end
end
return answers
