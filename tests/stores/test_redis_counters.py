"""R-5, M-5: counters in Redis decide as the pure bucket does, by any clock; they survive a process, and give up in time."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from mangaassist.domain.counting import FULL, MICROS, Bucket, given_back, taken, told
from mangaassist.errors import ServiceFailure
from mangaassist.stores.redis.connection import Server
from mangaassist.stores.redis.counters import ANSWER_S, GIVE_BACK, TAKE, RedisCounters
from mangaassist.stores.redis.script import Script
from tests.patience import PATIENCE
from tests.redis_server import RedisServer

SEEDS: Final = 25
STEPS: Final = 200
KEY: Final = "{mangaassist:bucket:a}"
SLOW: Final = Bucket(2, 3600)


@pytest.fixture
async def lines(server: RedisServer) -> AsyncIterator[Server]:
    made = Server(server.url)
    yield made
    await made.close()


def timeless(script: Script) -> str:
    """The very script, but told the time, and what it keeps does not end."""
    asked, kept = "redis.call('TIME')", ", 'PX', math.ceil(debt / 1000) + 1"
    assert script.text.count(asked) == 1
    assert script.text.count(kept) == 1
    return script.text.replace(asked, "{ARGV[3], ARGV[4]}").replace(kept, "")


TIMELESS_TAKE, TIMELESS_GIVE_BACK = timeless(TAKE), timeless(GIVE_BACK)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_scripts_decide_as_the_pure_bucket_does(server: RedisServer, seed: int) -> None:
    chance = random.Random(seed)
    bucket = Bucket(chance.choice((1, 2, 7, 30, 999_999)), chance.choice((0.1, 1, 60, 61.7, 86_400)))
    now, full_at = 1_764_000_000 * MICROS + chance.randrange(MICROS), FULL

    with server.client() as client:

        def call(text: str) -> Any:
            spans = bucket.token_us, bucket.whole_us
            return client.eval(text, 1, KEY, *spans, now // MICROS, now % MICROS)

        for _ in range(STEPS):
            token = bucket.token_us
            now += chance.choice(
                (0, 0, 1, -1, token, token - 1, chance.randrange(2 * token), chance.randrange(-MICROS, 0))
            )
            now += chance.choice((*[0] * 20, bucket.whole_us, -bucket.whole_us, 10**12, -(10**12)))
            if chance.random() < 0.8:
                full_at, outcome = taken(full_at, now, bucket)
                allowed, debt = call(TIMELESS_TAKE)
                assert told(bool(allowed), debt, bucket) == outcome
            else:
                full_at = given_back(full_at, now, bucket)
                call(TIMELESS_GIVE_BACK)
            assert int(client.get(KEY)) == full_at


async def test_what_was_taken_is_gone_for_a_process_that_starts_anew_and_for_every_other_one(
    server: RedisServer,
) -> None:
    for allowed in (True, True, False):
        lines = Server(server.url)
        assert (await RedisCounters(lines, PATIENCE).take("a", SLOW)).allowed is allowed
        await lines.close()


async def test_sums_are_of_all_processes_together(server: RedisServer) -> None:
    one, other = Server(server.url), Server(server.url)
    await RedisCounters(one, PATIENCE).add("day", 0.25, 60)
    assert await RedisCounters(other, PATIENCE).add("day", 0.5, 60) == 0.75
    for lines in (one, other):
        await lines.close()


async def test_a_server_that_does_not_answer_is_given_up_in_time(server: RedisServer, lines: Server) -> None:
    counters, clock = RedisCounters(lines), asyncio.get_running_loop().time
    server.pause()
    try:
        for call in (
            counters.take("a", SLOW), counters.give_back("a", SLOW), counters.add("a", 1, 60),
            counters.totals(["a"]), counters.ping(),
        ):  # fmt: skip
            began = clock()
            with pytest.raises(ServiceFailure, match="counters: timeout"):
                await call
            assert clock() - began < ANSWER_S * PATIENCE
    finally:
        server.resume()


async def test_a_server_that_is_gone_is_named_and_found_again_when_it_is_back(
    server: RedisServer, lines: Server
) -> None:
    counters = RedisCounters(lines, PATIENCE)
    await counters.take("a", SLOW)
    server.stop()
    for _ in range(2):
        with pytest.raises(ServiceFailure, match="counters: unreachable"):
            await counters.take("a", SLOW)
    server.start()
    assert (await counters.take("a", SLOW)).remaining == 1
