"""Questions about many things: cut into batches, asked side by side, and put together with what was known already."""

import asyncio
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from mangaassist.services.answers import Answer
from mangaassist.services.cache import Dated

T = TypeVar("T")

BATCH: Final = 100
"""The most things that the services take in one question."""


def batches(keys: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(keys), BATCH):
        yield tuple(keys[start : start + BATCH])


async def side_by_side(fetches: Sequence[Awaitable[Answer[T]]]) -> list[Answer[T]]:
    if len(fetches) < 2:
        return [await fetch for fetch in fetches]

    async def awaited(fetch: Awaitable[Answer[T]]) -> Answer[T]:
        return await fetch

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(awaited(fetch)) for fetch in fetches]
    return [task.result() for task in tasks]


def merged(known: Mapping[str, Dated], fetched: Sequence[Answer[Mapping[str, T]]]) -> Answer[dict[str, T]]:
    value: dict[str, T] = {key: dated.value for key, dated in known.items()}
    dates = [dated.as_of for dated in known.values()]
    for answer in fetched:
        value.update(answer.value or {})
        dates.extend([answer.as_of] if answer.as_of else [])
    failure = next((answer.failure for answer in fetched if answer.failure), None)
    return Answer(
        value if value or failure is None else None,
        failure,
        cached=not fetched,
        as_of=min(dates, default=None),
        retried=any(answer.retried for answer in fetched),
    )
