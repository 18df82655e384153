-- domain/counting.py: given_back().
local full_at = tonumber(redis.call('GET', KEYS[1]) or 0)
local token, whole = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local debt = math.max(0, math.min(math.max(0, full_at - now), whole) - token)
redis.call('SET', KEYS[1], now + debt, 'PX', math.ceil(debt / 1000) + 1)
