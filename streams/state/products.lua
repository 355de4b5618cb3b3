-- Adds changes to the aggregates of their products, each of them once. All sums are of integers, so that the order in
-- which partitions come does not matter.
-- KEYS: popular (zset: product by popularity); then a hash for each product.
-- ARGV: time buckets in a half-life; buckets that are kept; most popular products; then for each product its id and, as
-- JSON, a list of its changes, those of a partition in the order of offsets: source ("topic/partition"), offset, kind,
-- bucket of its event time, weight, stars, sentiment in thousandths; the last two may be missing (null).
-- A hash has: a count by kind; "stars" and "starred", "sentiment" and "sentiments" (sum and number); "interest", a list of
-- the newest bucket, its weight, and those of the buckets before it; "popularity"; "@source" to the highest offset applied.
-- Popularity is log2(sum of weight * 2^(event time / half-life)): it never falls, and what decays is all else against it.
local per_half_life, kept = tonumber(ARGV[1]), tonumber(ARGV[2])

local function set_of(flat)
  local fields = {}
  for at = 1, #flat, 2 do
    fields[flat[at]] = flat[at + 1]
  end
  return fields
end

-- Weight that is older than the buckets that are kept counts in the oldest of them.
local function add_interest(interest, bucket, weight)
  local newest = interest[1]
  if not newest then
    interest[1], interest[2] = bucket, weight
    return
  end
  if bucket > newest then
    local moved = {bucket}
    for age = 0, math.min(bucket - newest, kept) - 1 do
      moved[2 + age] = 0
    end
    for age = 0, #interest - 2 do
      local at = math.min(age + bucket - newest, kept - 1)
      moved[2 + at] = (moved[2 + at] or 0) + interest[2 + age]
    end
    for at = 1, #moved do
      interest[at] = moved[at]
    end
    interest[2] = interest[2] + weight
    return
  end
  local age = math.min(newest - bucket, kept - 1)
  for at = #interest + 1, 2 + age do
    interest[at] = 0
  end
  interest[2 + age] = interest[2 + age] + weight
end

local function popularity(interest)
  local sum = 0
  for age = #interest - 2, 0, -1 do
    sum = sum + interest[2 + age] * 2 ^ (-age / per_half_life)
  end
  return string.format('%.6f', interest[1] / per_half_life + math.log(sum) / math.log(2))
end

for index = 2, #KEYS do
  local product, changes = ARGV[2 * index], cjson.decode(ARGV[2 * index + 1])
  local fields = set_of(redis.call('HGETALL', KEYS[index]))
  local interest = cjson.decode(fields['interest'] or '[]')
  local changed = {}
  local function add(field, amount)
    local sum = tonumber(changed[field] or fields[field] or '0') + amount
    changed[field] = string.format('%.0f', sum)
  end
  for _, change in ipairs(changes) do
    local source, offset, kind, bucket, weight, stars, sentiment = unpack(change, 1, 7)
    source = '@' .. source
    if offset > tonumber(changed[source] or fields[source] or '-1') then
      changed[source] = string.format('%.0f', offset)
      add(kind, 1)
      if weight > 0 then
        add_interest(interest, bucket, weight)
        changed['interest'] = true
      end
      if stars ~= cjson.null then
        add('stars', stars)
        add('starred', 1)
      end
      if sentiment ~= cjson.null then
        add('sentiment', sentiment)
        add('sentiments', 1)
      end
    end
  end
  if changed['interest'] then
    changed['interest'] = cjson.encode(interest)
    changed['popularity'] = popularity(interest)
    redis.call('ZADD', KEYS[1], changed['popularity'], product)
  end
  local flat = {}
  for field, value in pairs(changed) do
    flat[#flat + 1] = field
    flat[#flat + 1] = value
  end
  if #flat > 0 then
    redis.call('HSET', KEYS[index], unpack(flat))
  end
end
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -(tonumber(ARGV[3]) + 1))
