-- ask: session_id, origin, holder.
local slot = open(ask.origin)
local claimed = claim(slot, ask.holder)
if not claimed then
    if #slot.inbox == 0 then
        redis.call('ZREM', DUE, ask.session_id)
    end
    return { 'nothing' }
end
save(slot)
return claimed_reply(slot, claimed, { 'claimed' })
