-- Applies one partition's changes of one user, each of them once, whatever their batches were.
-- KEYS: actions (zset by event time), bought (zset: product by latest event time), applied (hash: source to offset).
-- ARGV: source, "topic/partition"; most actions; most bought products; "1" to answer what is known afterwards; seconds for
-- which the offsets of a forgotten user are kept; then for each change, in the order of offsets: offset, event time in
-- microseconds, action (JSON; "" forgets the user), bought product or "".
-- Offsets outlive the user they are of, for a while: a change that comes late must not bring anything back.
-- Answers: 1 if the user is new, else 0; as JSON, actions and bought products, each followed by its time. (One long string
-- is read many times faster than a list.)
local actions, bought, applied = KEYS[1], KEYS[2], KEYS[3]
local source = ARGV[1]
local known = redis.call('HGET', applied, source)
local new = not known and redis.call('EXISTS', applied) == 0
local before, last, forgotten = tonumber(known or '-1'), nil, false
for at = 6, #ARGV, 4 do
  if tonumber(ARGV[at]) > before then
    forgotten = ARGV[at + 2] == ''
    if forgotten then
      redis.call('DEL', actions, bought)
    else
      redis.call('ZADD', actions, ARGV[at + 1], ARGV[at + 2])
    end
    if ARGV[at + 3] ~= '' then
      redis.call('ZADD', bought, 'GT', ARGV[at + 1], ARGV[at + 3])
    end
    last = ARGV[at]
  end
end
if last then
  redis.call('ZREMRANGEBYRANK', actions, 0, -(tonumber(ARGV[2]) + 1))
  redis.call('ZREMRANGEBYRANK', bought, 0, -(tonumber(ARGV[3]) + 1))
  redis.call('HSET', applied, source, last)
  if forgotten then
    redis.call('EXPIRE', applied, ARGV[5])
  else
    redis.call('PERSIST', applied)
  end
end
if ARGV[4] ~= '1' then
  return {new and 1 or 0}
end
local purchases = redis.call('ZRANGE', bought, 0, -1, 'WITHSCORES')
return {
  new and 1 or 0,
  '[' .. table.concat(redis.call('ZRANGE', actions, 0, -1, 'WITHSCORES'), ',') .. ']',
  #purchases > 0 and cjson.encode(purchases) or '[]',
}
