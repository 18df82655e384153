"""What every store of idempotency records does (R-4); each adapter inherits the suite."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from mangaassist.edge.idempotency import ANSWER_REPLAYED, IdempotencyRecord, IdempotencyStore
from mangaassist.testing.clock import START

MOMENT = timedelta(seconds=1)


def record(number: int, after: timedelta = timedelta(), **fields: Any) -> IdempotencyRecord:
    given = {
        "key": "k1", "fingerprint": f"f{number}", "session_id": f"s_{number}", "message_id": f"m{number}",
        "at": START + after,
    }  # fmt: skip
    return IdempotencyRecord(**(given | fields))


class IdempotencyStoreContract:
    @pytest.fixture
    async def store(self) -> AsyncIterator[IdempotencyStore]:
        raise NotImplementedError
        yield

    async def test_the_first_of_a_key_is_kept_as_it_is(self, store: IdempotencyStore) -> None:
        first = record(1)
        assert await store.begin(first) == first
        assert await store.begin(first) == first
        assert await store.begin(record(2, MOMENT)) == first
        assert await store.begin(record(3, -MOMENT)) == first

    async def test_keys_know_nothing_of_each_other(self, store: IdempotencyStore) -> None:
        first, second = record(1), record(2, key="k2")
        assert await store.begin(first) == first
        assert await store.begin(second) == second

    async def test_a_record_of_its_full_age_is_none(self, store: IdempotencyStore) -> None:
        first = await store.begin(record(1))
        assert await store.begin(record(2, ANSWER_REPLAYED - MOMENT)) == first
        anew = record(3, ANSWER_REPLAYED)
        assert await store.begin(anew) == anew
        assert await store.begin(record(4, ANSWER_REPLAYED + MOMENT)) == anew

    async def test_of_many_that_begin_at_once_all_hear_of_the_same_one(self, store: IdempotencyStore) -> None:
        begun = [record(number) for number in range(8)]
        kept = await asyncio.gather(*map(store.begin, begun))
        assert kept[0] in begun
        assert kept == [kept[0]] * 8

    async def test_of_many_that_begin_at_once_in_the_place_of_an_expired_one_one_is_kept(
        self, store: IdempotencyStore
    ) -> None:
        await store.begin(record(0))
        begun = [record(number, ANSWER_REPLAYED) for number in range(1, 9)]
        kept = await asyncio.gather(*map(store.begin, begun))
        assert kept[0] in begun
        assert kept == [kept[0]] * 8

    async def test_a_key_that_was_let_go_is_free(self, store: IdempotencyStore) -> None:
        first = await store.begin(record(1))
        await store.forget(first)
        anew = record(2)
        assert await store.begin(anew) == anew

    async def test_to_let_go_of_a_message_that_the_key_does_not_stand_for_changes_nothing(
        self, store: IdempotencyStore
    ) -> None:
        await store.forget(record(1))
        kept = await store.begin(record(1))
        await store.forget(record(2))
        await store.forget(record(1, key="k2"))
        assert await store.begin(record(3)) == kept

    async def test_of_many_that_let_go_and_begin_anew_one_is_kept(self, store: IdempotencyStore) -> None:
        first = await store.begin(record(0))

        async def anew(number: int) -> IdempotencyRecord:
            await store.forget(first)
            return await store.begin(record(number))

        kept = await asyncio.gather(*map(anew, range(1, 9)))
        assert kept[0] != first
        assert kept == [kept[0]] * 8
