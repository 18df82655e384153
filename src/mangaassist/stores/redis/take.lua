-- domain/counting.py: taken(). Gives whether a token was taken, and the debt of the bucket.
local token, whole = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local full_at = tonumber(redis.call('GET', KEYS[1]) or 0)
local debt = math.min(math.max(0, full_at - now), whole)
local allowed = debt + token <= whole
if allowed then
    debt = debt + token
end
-- Ended a millisecond late rather than early: Redis counts in whole ones.
redis.call('SET', KEYS[1], now + debt, 'PX', math.ceil(debt / 1000) + 1)
return { allowed and 1 or 0, debt }
