-- ask: session_id, entry (without its body), origin or nil, holder (who claims) or nil. ARGV[2]: the body.
local entry = ask.entry

local function verdict(slot)
    if slot.owner and entry.asker ~= slot.owner and entry.kind == 'ask' then
        return 'foreign'
    end
    local alike = 0
    for _, known in ipairs(slot.inbox) do
        if known.message_id == entry.message_id then
            return known.digest == entry.digest and 'repeated' or 'id_reused'
        end
        alike = alike + (known.kind == entry.kind and 1 or 0)
    end
    for _, known in ipairs(slot.answered) do
        if known.message_id == entry.message_id then
            return known.digest == entry.digest and 'repeated' or 'id_reused'
        end
    end
    return alike >= (entry.kind == 'ask' and INBOX_LIMIT or NOTES_LIMIT) and 'busy' or 'taken'
end

local slot = open(ask.origin)
if not slot then
    return { 'unknown', 0, run }
end
local found = verdict(slot)
if found ~= 'taken' then
    return { found, slot.last }
end
slot.inbox[#slot.inbox + 1] = entry
redis.call('HSET', BODIES, entry.message_id, ARGV[2])
local claimed = ask.holder and claim(slot, ask.holder)
save(slot)
if claimed then
    return claimed_reply(slot, claimed, { found, slot.last })
end
wake(slot)
return { found, slot.last }
