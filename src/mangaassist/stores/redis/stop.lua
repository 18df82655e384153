-- ask: session_id, message_id or nil. A slot of another run of the server is marked as well: its inbox is still good.
local slot = read()
for _, entry in ipairs(slot and slot.inbox or {}) do
    if entry.message_id == ask.message_id or (not ask.message_id and entry.kind == 'ask') then
        if not entry.stopped then
            entry.stopped = true
            redis.call('SET', SLOT, cmsgpack.pack(slot), 'KEEPTTL')
            wake(slot)
        end
        break
    end
end
return { 'stopped' }
