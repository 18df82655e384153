"""M-6, M-10: a limit that moves with every piece."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from mangaassist.models.writers.moving_limit import MovingLimit
from mangaassist.testing.virtual_time import run


async def pieces(*pauses_s: float) -> AsyncGenerator[int]:
    for number, pause_s in enumerate(pauses_s):
        await asyncio.sleep(pause_s)
        yield number


async def heard(source: AsyncGenerator[int], first_s: float, next_s: float) -> list[int]:
    """What came in time; ends with -1 where something did not."""
    clock, limit, got = asyncio.get_running_loop().time, MovingLimit(), list[int]()
    deadline = clock() + first_s
    try:
        while (piece := await limit.next(source, deadline)) is not None:
            got.append(piece)
            deadline = clock() + next_s
    except TimeoutError:
        got.append(-1)
    finally:
        limit.close()
        await source.aclose()
    return got


@pytest.mark.parametrize(
    ("pauses_s", "first_s", "next_s", "got"),
    [
        ((1, 1, 1, 1, 1, 1), 2, 2, [0, 1, 2, 3, 4, 5]),
        ((3,), 2, 2, [-1]),
        ((29, 1, 11), 30, 10, [0, 1, -1]),
        ((1, 9, 9, 9, 9), 30, 10, [0, 1, 2, 3, 4]),
        ((1, 1, 8), 2, 10, [0, 1, 2]),
        ((), 2, 2, []),
    ],
)
def test_each_piece_has_its_own_deadline(
    pauses_s: tuple[float, ...], first_s: float, next_s: float, got: list[int]
) -> None:
    assert run(heard(pieces(*pauses_s), first_s, next_s)) == got


def test_who_takes_long_between_two_pieces_is_not_late() -> None:
    async def slow_reader() -> list[int]:
        clock, limit, source, got = asyncio.get_running_loop().time, MovingLimit(), pieces(0.1, 0.1, 0.1), list[int]()
        while (piece := await limit.next(source, clock() + 1)) is not None:
            got.append(piece)
            await asyncio.sleep(60)
        limit.close()
        return got

    assert run(slow_reader()) == [0, 1, 2]


def test_a_cancellation_by_somebody_else_stays_one() -> None:
    async def cancelled() -> bool:
        waiting = asyncio.create_task(heard(pieces(100), 50, 50))
        await asyncio.sleep(1)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return waiting.cancelled()

    assert run(cancelled())


def test_after_it_was_late_the_task_goes_on_uncancelled() -> None:
    async def late_then_on() -> tuple[list[int], int]:
        got = await heard(pieces(100), 1, 1)
        await asyncio.sleep(1)
        task = asyncio.current_task()
        assert task is not None
        return got, task.cancelling()

    assert run(late_then_on()) == ([-1], 0)
