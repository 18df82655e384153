-- ask: session_id, customer_id, origin.
local slot = open(ask.origin)
if not slot.owner then
    slot.owner = ask.customer_id
    save(slot)
    redis.call('SPUBLISH', NEWS, '')
end
return { slot.owner == ask.customer_id and 'own' or 'foreign' }
