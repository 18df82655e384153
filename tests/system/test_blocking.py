"""The event loop is never blocked: every question of the benchmarks, asked of an assistant that tells and fails what blocks it."""

import asyncio
from pathlib import Path

import pytest

from benchmarks.questions import QUESTIONS
from benchmarks.system import Running, settled, shopper, sign_in
from tests.crashes.fleet import fleet


@pytest.mark.timeout(1200, func_only=True)
def test_no_question_blocks_the_loop(tmp_path: Path, system: Running) -> None:
    asyncio.run(settled(system))  # its knowledge is copied, and nobody may be writing it
    with fleet(tmp_path / "watched", system.data / "cache", {}, 1, ("tests.system.unblocked",)) as (watched,):
        asyncio.run(_every_question(watched.running()))
        assert "BLOCKED" not in watched.said()


async def _every_question(system: Running) -> None:
    for token in (None, await sign_in(system, "aiko")):
        async with shopper(system, token) as asking:
            for questions in QUESTIONS.values():
                for question in questions:
                    assert (await asking.ask(question)).transcript.text
