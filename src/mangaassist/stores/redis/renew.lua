-- ask: session_id, lease (epoch, fence).
local slot = open()
local fault = superseded(slot, ask.lease)
if fault then
    return { fault }
end
extend(slot)
save(slot)
return { 'held', cmsgpack.pack(lease_of(slot)) }
