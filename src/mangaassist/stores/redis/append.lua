-- ask: session_id, lease (epoch, fence, last), count (of frames), ack (a message id) or nil. ARGV[2]: the frames, packed.
local function acknowledge(slot)
    local entry = table.remove(slot.inbox, 1)
    redis.call('HDEL', BODIES, entry.message_id)
    table.insert(slot.answered, { message_id = entry.message_id, digest = entry.digest, last = slot.last })
    if #slot.answered > KEPT_ANSWERS then
        slot.kept_from = table.remove(slot.answered, 1).last + 1
        redis.call('XTRIM', FRAMES, 'MINID', slot.kept_from .. '-0')
    end
    if slot.held then
        slot.held.message_id = nil
        slot.held = #slot.inbox > 0 and slot.held or nil
    end
end

local slot = open()
local fault = superseded(slot, ask.lease)
local ahead = slot and slot.last - ask.lease.last
if fault or (ahead ~= 0 and ahead ~= ask.count) then
    return { fault or 'fenced' }
end
local batch
if ahead == 0 then -- else it is a second try of what was appended already
    if ask.count > 0 then
        if redis.call('EXISTS', FRAMES) == 0 then
            slot.kept_from = slot.last + 1
        end
        slot.last = slot.last + ask.count
        batch = '\147' .. cmsgpack.pack(slot.last) .. cmsgpack.pack(slot.owner) .. ARGV[2] -- an array of three
        redis.call('XADD', FRAMES, slot.last .. '-0', 'batch', batch)
    end
    if ask.ack and slot.inbox[1] and slot.inbox[1].message_id == ask.ack then
        acknowledge(slot)
    end
end
extend(slot)
save(slot)
if batch then
    redis.call('SPUBLISH', NEWS, batch)
end
return { 'held', cmsgpack.pack(lease_of(slot)) }
