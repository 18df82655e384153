"""Virtual time passes only where something waits for it."""

import asyncio
import time

import pytest

from mangaassist.testing.virtual_time import NothingLeftError, run


def test_an_hour_passes_at_once_and_in_order() -> None:
    heard: list[tuple[str, float]] = []

    async def after(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        heard.append((name, asyncio.get_running_loop().time()))

    async def main() -> None:
        await asyncio.gather(after("late", 3600), after("early", 0.2))

    began = time.process_time()
    run(main())
    assert heard == [("early", 0.2), ("late", 3600)]
    assert time.process_time() - began < 60


def test_a_time_limit_is_exact() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.15):
                await asyncio.sleep(1)
        return asyncio.get_running_loop().time()

    assert run(main()) == 0.15


def test_waiting_for_what_can_never_come_is_an_error_and_no_hang() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(NothingLeftError):
        run(main())
