-- Adds changes to the aggregates of their products, each of them once. All sums are of integers, so that the order in
-- which partitions come does not matter.
-- KEYS: popular (zset: product by popularity); then for each product two hashes: its aggregates, and its reviews.
-- ARGV: time buckets in a half-life; buckets that are kept; most popular products; days of reviews that are kept; then for
-- each product its id and, as JSON, a list of its changes, those of a partition in the order of offsets: source
-- ("topic/partition"), offset, kind, bucket of its event time, weight, sentiment in thousandths, day of its event time,
-- what it adds to the sums of reviews (name to amount). Sentiment and sums may be missing (null).
-- Aggregates are: a count by kind; "sentiment" and "sentiments" (sum and number); "interest", a list of the newest bucket,
-- its weight, and those of the buckets before it; "popularity"; "@source" to the highest offset applied.
-- Reviews are: "newest", the newest day; by day, and as "older" of all days before those that are kept, sums as
-- "name amount name amount", sorted, so that equal sums are equal texts. What comes late counts where it would have.
-- Popularity is log2(sum of weight * 2^(event time / half-life)): it never falls, and what decays is all else against it.
local per_half_life, kept, days_kept = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[4])

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

local function sums_of(text)
  local sums = {}
  for name, amount in string.gmatch(text, '(%S+) (%d+)') do
    sums[name] = tonumber(amount)
  end
  return sums
end

local function add_sums(key, window, more)
  local sums, names = sums_of(redis.call('HGET', key, window) or ''), {}
  for name, amount in pairs(more) do
    sums[name] = (sums[name] or 0) + amount
  end
  for name in pairs(sums) do
    names[#names + 1] = name
  end
  table.sort(names)
  for at, name in ipairs(names) do
    names[at] = string.format('%s %.0f', name, sums[name])
  end
  redis.call('HSET', key, window, table.concat(names, ' '))
end

local function add_review(key, day, sums)
  local known = redis.call('HGET', key, 'newest')
  local newest = tonumber(known or day)
  if not known or day > newest then
    for past = newest - days_kept + 1, math.min(day - days_kept, newest) do
      local window = string.format('%d', past)
      local fallen = redis.call('HGET', key, window)
      if fallen then
        add_sums(key, 'older', sums_of(fallen))
        redis.call('HDEL', key, window)
      end
    end
    redis.call('HSET', key, 'newest', day)
    newest = day
  end
  add_sums(key, day > newest - days_kept and string.format('%d', day) or 'older', sums)
end

for index = 2, #KEYS, 2 do
  local product, changes = ARGV[index + 3], cjson.decode(ARGV[index + 4])
  local fields = set_of(redis.call('HGETALL', KEYS[index]))
  local interest = cjson.decode(fields['interest'] or '[]')
  local changed = {}
  local function add(field, amount)
    local sum = tonumber(changed[field] or fields[field] or '0') + amount
    changed[field] = string.format('%.0f', sum)
  end
  for _, change in ipairs(changes) do
    local source, offset, kind, bucket, weight, sentiment, day, sums = unpack(change, 1, 8)
    source = '@' .. source
    if offset > tonumber(changed[source] or fields[source] or '-1') then
      changed[source] = string.format('%.0f', offset)
      add(kind, 1)
      if weight > 0 then
        add_interest(interest, bucket, weight)
        changed['interest'] = true
      end
      if sentiment ~= cjson.null then
        add('sentiment', sentiment)
        add('sentiments', 1)
      end
      if sums ~= cjson.null then
        add_review(KEYS[index + 1], day, sums)
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
