-- What every call shares: one session's slot, told as conversation/slot.py tells it. The loader puts the constants and this in
-- front of each call. Every key is in KEYS, and all of them are in one slot of a cluster.
local SLOT, BODIES, FRAMES, DUE, NEWS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local ask = cmsgpack.unpack(ARGV[1])

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')

local function read()
    local packed = redis.call('GET', SLOT)
    return packed and cmsgpack.unpack(packed)
end

-- The slot as it is. One of another run of the server may have lost numbers: it goes on where its origin says, under another
-- epoch. Nil when nothing certain is known and no origin is given.
local function open(origin)
    local slot = read()
    if slot and slot.run == run then
        return slot
    end
    if not origin or (origin.epoch and origin.epoch ~= run) then
        return nil
    end
    local kept = slot or {}
    local last = math.max(origin.floor, kept.last or 0)
    local fence = kept.fence or clock[1] * 1000000 + clock[2] -- above every fence of a slot that is gone
    return {
        run = run,
        begun = fence,
        fence = fence,
        last = last,
        kept_from = last + 1,
        owner = kept.owner or origin.owner,
        inbox = kept.inbox or {},
        answered = {},
        is_new = slot and 'again' or 'first',
    }
end

local function save(slot)
    if slot.is_new then
        redis.call('DEL', FRAMES)
        slot.is_new = nil
    end
    local is_open = #slot.inbox > 0
    redis.call('SET', SLOT, cmsgpack.pack(slot), 'EX', HEADS_KEPT_S)
    redis.call('EXPIRE', FRAMES, is_open and HEADS_KEPT_S or FRAMES_KEPT_S)
    if is_open then
        redis.call('EXPIRE', BODIES, HEADS_KEPT_S)
        redis.call('ZADD', DUE, slot.held and slot.held.ends or 0, ask.session_id)
    else
        redis.call('ZREM', DUE, ask.session_id)
    end
end

local function is_held(slot, by_others_than)
    local held = slot.held
    if not held or held.ends <= now then
        return false
    end
    return held.holder ~= by_others_than or held.message_id ~= nil
end

local function claim(slot, holder)
    local head = slot.inbox[1]
    if not head or is_held(slot, holder) then
        return nil
    end
    slot.fence = slot.fence + 1
    head.attempt = head.attempt + 1
    slot.held = { holder = holder, ends = now + LEASE_MS, message_id = head.message_id }
    return head
end

local function extend(slot)
    if slot.held then
        slot.held.ends = now + LEASE_MS
    end
end

-- What is wrong with a lease; nil when it is good. One of a slot before this one is lost: nobody else has its message.
local function superseded(slot, lease)
    if not slot or slot.run ~= lease.epoch or lease.fence <= slot.begun then
        return 'lost'
    end
    return slot.fence ~= lease.fence and 'fenced' or nil
end

local function lease_of(slot)
    local stopped = false
    for _, entry in ipairs(slot.inbox) do
        stopped = stopped or (entry.stopped and slot.held ~= nil and entry.message_id == slot.held.message_id)
    end
    return { epoch = slot.run, fence = slot.fence, last = slot.last, stopped = stopped, more = #slot.inbox > 0 }
end

-- The batches from a number on, each as it was appended, behind what is already in the reply.
local function with_batches(reply, first, limit)
    for _, item in ipairs(redis.call('XRANGE', FRAMES, first .. '-0', '+', 'COUNT', limit)) do
        reply[#reply + 1] = item[2][2]
    end
    return reply
end

local function claimed_reply(slot, entry, reply)
    local begun = slot.answered[#slot.answered]
    reply[#reply + 1] = cmsgpack.pack({ lease = lease_of(slot), entry = entry })
    reply[#reply + 1] = redis.call('HGET', BODIES, entry.message_id)
    return with_batches(reply, begun and begun.last + 1 or 0, MOST_BATCHES)
end

-- Whoever holds the session looks at it, or else everybody who may.
local function wake(slot)
    redis.call('PUBLISH', is_held(slot) and WAKES .. ':' .. slot.held.holder or WAKES, ask.session_id)
end
