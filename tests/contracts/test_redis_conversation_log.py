"""The conversation log in Redis."""

import time
from collections.abc import AsyncIterator

import pytest

from mangaassist.conversation.hold import patiently
from mangaassist.stores.redis.connection import Server
from mangaassist.stores.redis.conversation_log import RedisLog
from tests.contracts.conversation_log import SESSION, ConversationLogContract, World, listen
from tests.redis_log import lapse
from tests.redis_server import RedisServer

__all__ = ["listen"]


class RedisWorld(World):
    def __init__(self, server: RedisServer, one: RedisLog, other: RedisLog) -> None:
        self._server = server
        self.one, self.other = one, other

    async def lapse(self) -> None:
        lapse(self._server, SESSION)

    async def lose(self) -> None:
        self._server.restart()
        for log in (self.one, self.other):
            await patiently(log.ping, time.monotonic)  # what is said on a line that has just died is a failure


class TestRedisLog(ConversationLogContract):
    @pytest.fixture
    async def world(self, server: RedisServer) -> AsyncIterator[World]:
        server.flush()
        one, other = await RedisLog.open(Server(server.url), "key"), await RedisLog.open(Server(server.url), "key")
        yield RedisWorld(server, one, other)
        await one.close()
        await other.close()
