"""M-8 over Redis: what one process's models answered is given again by another, and what is broken there is left alone."""

from collections.abc import AsyncIterator

import pytest

from mangaassist.stores.redis.cache import RedisCache
from mangaassist.stores.redis.connection import Server
from tests.patience import PATIENCE
from tests.redis_server import RedisServer
from tests.turn.test_answer_cache import ALIKE, ANSWER, ASKS, shoppers


@pytest.fixture
async def cache(server: RedisServer) -> AsyncIterator[RedisCache]:
    lines = Server(server.url)
    yield RedisCache(lines, PATIENCE)
    await lines.close()


async def test_an_answer_of_one_process_is_given_again_by_another(cache: RedisCache) -> None:
    one, other = await shoppers(cache=cache), await shoppers(cache=cache)
    await one(ASKS)
    again = await other(ALIKE)
    assert (again.text, again.metadata.model, other.calls) == (ANSWER, "cache", 0)


async def test_it_is_gone_from_redis_after_an_hour(cache: RedisCache, server: RedisServer) -> None:
    ask = await shoppers(cache=cache)
    await ask(ASKS)
    with server.client() as client:
        (key,) = client.keys()
        assert 0 < client.pttl(key) <= 3_600_000
    server.age(3601)
    assert (await ask(ASKS)).metadata.model == "scripted"


async def test_nothing_of_the_shoppers_words_lies_in_redis(cache: RedisCache, server: RedisServer) -> None:
    ask = await shoppers("Yes, we do.", cache=cache)
    await ask(ASKS)
    with server.client() as client:
        (key,) = client.keys()
        assert b"hawaii" not in (key + client.get(key)).lower().replace(b"faq-hawaii", b"")


@pytest.mark.parametrize("packed", [b"", b"\xc1", b"not packed", b"\x92\xc0\xc0"])
async def test_what_is_broken_in_redis_costs_no_answer(cache: RedisCache, server: RedisServer, packed: bytes) -> None:
    ask = await shoppers(cache=cache)
    await ask(ASKS)
    with server.client() as client:
        (key,) = client.keys()
        client.set(key, packed)
    assert [(await ask(ASKS)).metadata.model for _ in range(2)] == ["scripted", "cache"]
