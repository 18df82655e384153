-- ask: session_id, lease (epoch, fence).
local slot = open()
if not superseded(slot, ask.lease) then
    slot.held = nil
    save(slot)
    if #slot.inbox > 0 then
        wake(slot)
    end
end
return { 'released' }
