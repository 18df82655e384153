"""What all counters do (M-5); each adapter inherits the suite."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from mangaassist.domain.counting import Counters
from mangaassist.stores.memory.counters import MemoryCounters

Elapse = Callable[[float], Awaitable[None]]


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
        await elapse(1)
        await counters.add("a", 1, 2)
        await elapse(1.5)
        assert await counters.totals(["a"]) == {"a": 1}

    async def test_a_window_ends_so_long_after_its_first_amount_whatever_came_later(
        self, counters: Counters, elapse: Elapse
    ) -> None:
        await counters.add("a", 1, 2)
        await elapse(1.5)
        assert await counters.add("a", 1, 2) == 2
        await elapse(0.6)
        assert await counters.totals(["a"]) == {"a": 0}
        assert await counters.add("a", 5, 2) == 5

    async def test_counters_end_each_in_their_own_time(self, counters: Counters, elapse: Elapse) -> None:
        await counters.add("short", 1, 1)
        await counters.add("long", 1, 60)
        await elapse(1.1)
        assert await counters.totals(["short", "long"]) == {"short": 0, "long": 1}

    async def test_no_amount_is_lost_when_many_add_at_once(self, counters: Counters) -> None:
        totals = await asyncio.gather(*(counters.add("a", 1, 60) for _ in range(100)))
        assert sorted(totals) == list(range(1, 101))


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
