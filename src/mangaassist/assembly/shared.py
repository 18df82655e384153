"""What serving processes share (O-5): conversations, counters and caches, in Redis or in this process alone."""

import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

from mangaassist.console.noticeboard import Boards
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
from mangaassist.stores.memory.noticeboard import memory_boards
from mangaassist.stores.sqlite.journal import SqliteJournal
from mangaassist.turn.answer_cache import BUCKETS

NO_CLIENT: Final = "redis.url needs Redis's client: install mangaassist[redis]."


class Shared(Struct, frozen=True):
    """What serving processes share in the Redis that the settings name; without one, each has its own."""

    log: ConversationLog
    counters: Counters
    cache: Cache
    answers: Cache
    """What models wrote (M-8)."""
    boards: Boards
    """On which each process tells the others what the console shows (O-6)."""


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
                memory_boards(),
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
        from mangaassist.stores.redis.noticeboard import redis_boards
    except ImportError as error:
        raise StartFailed(NO_CLIENT) from error
    server, counting = Server(url), Server(url)
    exits.push_async_callback(counting.close)
    cache = RedisCache(server)
    return Shared(
        await RedisLog.open(server, key_id),
        RedisCounters(counting),
        NearCache(MemoryCache(), cache),
        cache,
        redis_boards(counting),
    )


@asynccontextmanager
async def opened_boards(settings: Settings) -> AsyncGenerator[Boards]:
    """For a process that shares nothing else with those that serve."""
    if not settings.redis.url:
        yield memory_boards()
        return
    try:
        from mangaassist.stores.redis.connection import Server
        from mangaassist.stores.redis.noticeboard import redis_boards
    except ImportError as error:
        raise StartFailed(NO_CLIENT) from error
    server = Server(settings.redis.url)
    try:
        yield redis_boards(server)
    finally:
        await server.close()
