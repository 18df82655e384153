"""What serving processes share (O-5): conversations, counters and caches, in Redis or in this process alone."""

import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from msgspec import Struct

from mangaassist.console.noticeboard import Noticeboard
from mangaassist.conversation.embedded import EmbeddedLog
from mangaassist.conversation.log import ConversationLog
from mangaassist.conversation.slot_table import SlotTable
from mangaassist.domain.counting import Counters
from mangaassist.errors import StartFailed
from mangaassist.services.cache import Cache
from mangaassist.settings import Settings
from mangaassist.stores.memory.cache import MemoryCache
from mangaassist.stores.memory.counters import MemoryCounters
from mangaassist.stores.memory.near_cache import NearCache
from mangaassist.stores.memory.noticeboard import MemoryNoticeboard
from mangaassist.stores.sqlite.journal import SqliteJournal
from mangaassist.turn.answer_cache import BUCKETS


class Shared(Struct, frozen=True):
    """What serving processes share in the Redis that the settings name; without one, each has its own."""

    log: ConversationLog
    counters: Counters
    cache: Cache
    answers: Cache
    """What models wrote (M-8)."""
    figures: Noticeboard
    """What each process tells of itself for the console (O-6), and of its single turns."""
    turns: Noticeboard


@asynccontextmanager
async def opened_shared(settings: Settings, data: Path, key_id: str) -> AsyncGenerator[Shared]:
    async with AsyncExitStack() as exits:
        if settings.redis.url:
            shared = await _shared_in_redis(settings.redis.url, key_id, exits)
        else:
            log = EmbeddedLog(SlotTable(SqliteJournal(data / "conversations.db"), time.monotonic))
            shared = Shared(
                log,
                MemoryCounters(),
                MemoryCache(),
                MemoryCache(limit=BUCKETS),
                MemoryNoticeboard(),
                MemoryNoticeboard(),
            )
        exits.push_async_callback(shared.log.close)
        yield shared


async def _shared_in_redis(url: str, key_id: str, exits: AsyncExitStack) -> Shared:
    """Log and cache over the same few lines, which the log closes. Counters have lines of their own: limits must not fall when
    everybody talks to the log; what the console hears of others takes those that the counters leave free."""
    try:
        from mangaassist.stores.redis.cache import RedisCache
        from mangaassist.stores.redis.connection import Server
        from mangaassist.stores.redis.conversation_log import RedisLog
        from mangaassist.stores.redis.counters import RedisCounters
        from mangaassist.stores.redis.noticeboard import RedisNoticeboard
    except ImportError as error:
        raise StartFailed("redis.url needs Redis's client: install mangaassist[redis].") from error
    server, counting = Server(url), Server(url)
    exits.push_async_callback(counting.close)
    cache = RedisCache(server)
    return Shared(
        await RedisLog.open(server, key_id),
        RedisCounters(counting),
        NearCache(MemoryCache(), cache),
        cache,
        RedisNoticeboard(counting, "figures"),
        RedisNoticeboard(counting, "turns"),
    )
