-- ask: session_id, origin or nil, holder.
local slot = open(ask.origin)
if not slot then
    return { 'unknown', run }
end
local claimed = claim(slot, ask.holder)
if not claimed then
    if #slot.inbox == 0 then
        redis.call('ZREM', DUE, ask.session_id)
    end
    return { 'nothing' }
end
save(slot)
return claimed_reply(slot, claimed, { 'claimed' })
