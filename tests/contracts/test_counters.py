"""What all counters do (M-5, R-5); each adapter inherits the suite."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from math import ceil

import pytest

from mangaassist.domain.counting import MICROS, Bucket, Counters
from mangaassist.stores.memory.counters import MemoryCounters
from mangaassist.stores.redis.connection import Server
from mangaassist.stores.redis.counters import RedisCounters
from tests.patience import PATIENCE
from tests.redis_server import RedisServer

Elapse = Callable[[float], Awaitable[None]]

TWO = Bucket(2, 600.0)


class CountersContract:
    """An adapter gives ``counters``, and ``elapse``, which lets seconds of its time pass."""

    @pytest.fixture
    def counters(self) -> Counters:
        raise NotImplementedError

    @pytest.fixture
    def elapse(self) -> Elapse:
        raise NotImplementedError

    async def test_amounts_add_up_and_the_total_is_told(self, counters: Counters) -> None:
        assert [await counters.add("a", amount, 60) for amount in (1, 0.5, 0.25)] == [1, 1.5, 1.75]
        assert await counters.totals(["a"]) == {"a": 1.75}

    async def test_names_share_nothing_and_an_unknown_one_is_nought(self, counters: Counters) -> None:
        await counters.add("a", 1, 60)
        await counters.add("a:b", 2, 60)
        assert await counters.totals(["a", "b", "a:b", ""]) == {"a": 1, "b": 0, "a:b": 2, "": 0}

    async def test_nothing_asked_is_nothing_told(self, counters: Counters) -> None:
        assert await counters.totals([]) == {}

    async def test_asking_begins_no_window(self, counters: Counters, elapse: Elapse) -> None:
        await counters.totals(["a"])
        await elapse(60)
        await counters.add("a", 1, 120)
        await elapse(90)
        assert await counters.totals(["a"]) == {"a": 1}

    async def test_a_window_ends_so_long_after_its_first_amount_whatever_came_later(
        self, counters: Counters, elapse: Elapse
    ) -> None:
        await counters.add("a", 1, 120)
        await elapse(90)
        assert await counters.add("a", 1, 120) == 2
        await elapse(36)
        assert await counters.totals(["a"]) == {"a": 0}
        assert await counters.add("a", 5, 120) == 5

    async def test_counters_end_each_in_their_own_time(self, counters: Counters, elapse: Elapse) -> None:
        await counters.add("short", 1, 60)
        await counters.add("long", 1, 3600)
        await elapse(66)
        assert await counters.totals(["short", "long"]) == {"short": 0, "long": 1}

    async def test_no_amount_is_lost_when_many_add_at_once(self, counters: Counters) -> None:
        totals = await asyncio.gather(*(counters.add("a", 1, 60) for _ in range(100)))
        assert sorted(totals) == list(range(1, 101))

    async def test_a_bucket_gives_what_it_holds_and_then_refuses(self, counters: Counters) -> None:
        takes = [await counters.take("a", Bucket(10, 3600)) for _ in range(12)]
        assert [taken.allowed for taken in takes] == [True] * 10 + [False] * 2
        assert [taken.remaining for taken in takes] == [*range(9, -1, -1), 0, 0]
        assert [taken.retry_s > 0 for taken in takes] == [False] * 9 + [True] * 3
        assert 300 < takes[-1].retry_s <= 360

    async def test_a_token_comes_back_in_its_time_and_a_refusal_costs_nothing(
        self, counters: Counters, elapse: Elapse
    ) -> None:
        for _ in range(2):
            await counters.take("a", TWO)
        refused = await counters.take("a", TWO)
        assert not refused.allowed
        await elapse(refused.retry_s)
        assert (await counters.take("a", TWO)).allowed
        assert not (await counters.take("a", TWO)).allowed

    async def test_a_bucket_is_full_again_after_its_window_and_never_more_than_full(
        self, counters: Counters, elapse: Elapse
    ) -> None:
        for _ in range(2):
            await counters.take("a", TWO)
        await elapse(1500)
        assert (await counters.take("a", TWO)).remaining == 1

    async def test_a_token_that_is_given_back_can_be_taken_again(self, counters: Counters) -> None:
        slow = Bucket(2, 3600)
        for _ in range(2):
            await counters.take("a", slow)
        await counters.give_back("a", slow)
        assert [(await counters.take("a", slow)).allowed for _ in range(2)] == [True, False]

    async def test_nothing_given_back_makes_a_bucket_hold_more(self, counters: Counters) -> None:
        slow = Bucket(2, 3600)
        await counters.give_back("a", slow)
        await counters.take("a", slow)
        for _ in range(5):
            await counters.give_back("a", slow)
        assert [(await counters.take("a", slow)).remaining for _ in range(2)] == [1, 0]
        assert not (await counters.take("a", slow)).allowed

    async def test_sums_and_buckets_of_one_name_share_nothing(self, counters: Counters) -> None:
        slow = Bucket(2, 3600)
        await counters.take("a", slow)
        assert await counters.add("a", 5, 60) == 5
        assert (await counters.take("a", slow)).remaining == 0
        assert (await counters.take("b", slow)).remaining == 1
        assert await counters.totals(["a"]) == {"a": 5}

    async def test_of_many_who_take_at_once_so_many_get_a_token_as_there_are(self, counters: Counters) -> None:
        takes = await asyncio.gather(*(counters.take("a", Bucket(30, 3600)) for _ in range(100)))
        assert sum(taken.allowed for taken in takes) == 30

    async def test_it_says_that_it_is_there(self, counters: Counters) -> None:
        await counters.ping()


class TestMemoryCounters(CountersContract):
    @pytest.fixture
    def now(self) -> list[float]:
        return [1000.0]

    @pytest.fixture
    def counters(self, now: list[float]) -> Counters:
        return MemoryCounters(lambda: now[0])

    @pytest.fixture
    def elapse(self, now: list[float]) -> Elapse:
        async def pass_(seconds: float) -> None:
            now[0] += seconds

        return pass_

    async def test_a_window_of_its_full_age_is_over(self, counters: Counters, now: list[float]) -> None:
        await counters.add("a", 1, 60)
        now[0] = 1060
        assert await counters.totals(["a"]) == {"a": 0}

    async def test_the_one_that_was_not_added_to_for_the_longest_is_forgotten_first(self) -> None:
        counters = MemoryCounters(lambda: 0.0, limit=2)
        for name in ("used", "idle", "used", "new"):
            await counters.add(name, 1, 60)
        assert await counters.totals(["used", "idle", "new"]) == {"used": 2, "idle": 0, "new": 1}

    async def test_so_many_buckets_are_kept_and_the_one_that_was_used_the_longest_ago_is_full_again(self) -> None:
        counters = MemoryCounters(lambda: 0.0, limit=2)
        slow = Bucket(2, 3600)
        for name in ("used", "idle", "used", "new"):
            await counters.take(name, slow)
        assert [(await counters.take(name, slow)).allowed for name in ("new", "used")] == [True, False]
        assert (await counters.take("idle", slow)).remaining == 1


class TestRedisCounters(CountersContract):
    @pytest.fixture
    async def counters(self, server: RedisServer) -> AsyncIterator[Counters]:
        server.flush()
        lines = Server(server.url)
        yield RedisCounters(lines, PATIENCE)
        await lines.close()

    @pytest.fixture
    def elapse(self, server: RedisServer) -> Elapse:
        async def pass_(seconds: float) -> None:
            with server.client() as client:
                for key in client.scan_iter("{mangaassist:bucket:*"):
                    client.set(key, int(client.get(key)) - ceil(seconds * MICROS), keepttl=True)
            server.age(seconds)

        return pass_

    async def test_everything_ends_by_itself(self, counters: Counters, server: RedisServer) -> None:
        await counters.add("a", 1, 60)
        for _ in range(2):
            await counters.take("a", Bucket(2, 60))
        with server.client() as client:
            ends = {key.decode(): client.pttl(key) for key in client.scan_iter()}
        assert set(ends) == {"{mangaassist:sum:a}", "{mangaassist:bucket:a}"}
        assert all(55_000 < left <= 60_002 for left in ends.values())

    async def test_a_server_that_has_forgotten_its_scripts_is_told_them(
        self, counters: Counters, server: RedisServer
    ) -> None:
        slow = Bucket(2, 3600)
        await counters.take("a", slow)
        with server.client() as client:
            client.script_flush()
        assert (await counters.take("a", slow)).remaining == 0
