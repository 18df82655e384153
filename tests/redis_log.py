"""What tests do to a conversation log in Redis behind its back."""

from mangaassist.stores.redis.conversation_log import keys_of
from tests.redis_server import RedisServer

_LAPSE = """
local packed = redis.call('GET', KEYS[1])
local slot = packed and cmsgpack.unpack(packed)
if slot and slot.held then
    slot.held.ends = 0
    redis.call('SET', KEYS[1], cmsgpack.pack(slot), 'KEEPTTL')
    redis.call('ZADD', KEYS[2], 'XX', 0, ARGV[1])
end
"""


def lapse(server: RedisServer, session_id: str) -> None:
    """The lease of a session runs out, as it does after six seconds."""
    slot, _, _, due, _ = keys_of(session_id)
    with server.client() as client:
        client.eval(_LAPSE, 2, slot, due, session_id)
