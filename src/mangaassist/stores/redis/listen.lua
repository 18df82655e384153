-- ask: session_id, after (a number), who or nil, origin. Changes nothing.
local slot = open(ask.origin)
if slot.is_new == 'first' then
    return { 'unknown', run }
end
if slot.owner and slot.owner ~= ask.who then
    return { 'revoked' }
end
local kept_from = redis.call('EXISTS', FRAMES) == 1 and slot.kept_from or slot.last + 1
local state = cmsgpack.pack({ epoch = slot.run, last = slot.last, kept_from = kept_from })
return with_batches({ 'known', state }, math.max(ask.after + 1, kept_from), BATCHES_AT_ONCE)
