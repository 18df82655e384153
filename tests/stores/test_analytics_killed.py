"""W-10: a process that is killed while it writes what happened leaves a whole beginning of it, each event once."""

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest

from mangaassist.stores.sqlite.analytics import SqliteEventStream
from mangaassist.telemetry import analytics
from mangaassist.telemetry.analytics import Asked
from mangaassist.testing.memory_analytics import memory_recorder

ENOUGH = 40


async def _note_for_ever(path: Path) -> None:
    """Tells on standard output how many events are certainly on disk."""
    analytics.EVERY_S = 0.01
    stream = SqliteEventStream(path)
    async with memory_recorder(stream) as recorder:
        for number in count():
            recorder.note(Asked(response_id=f"r{number}", chars=number), "s", None)
            if number % 10 == 9:
                assert await recorder.flush(60)
                print(number + 1, flush=True)
            await asyncio.sleep(0.0005)


@pytest.mark.parametrize("lives", [1, 3])
def test_what_was_written_is_there_once_and_in_order_however_often_it_is_killed(tmp_path: Path, lives: int) -> None:
    path = tmp_path / "analytics.db"
    for number in range(lives):  # each life tells the same from the beginning, as a retry does
        with subprocess.Popen([sys.executable, "-m", __name__, str(path)], stdout=subprocess.PIPE, text=True) as life:
            assert life.stdout is not None
            certain = next(written for written in map(int, life.stdout) if written >= ENOUGH * (number + 1))
            life.kill()
    with contextlib.closing(sqlite3.connect(path)) as db:
        kept = [chars for (chars,) in db.execute("SELECT figures ->> 'chars' FROM events ORDER BY number")]
    assert kept == list(range(len(kept)))
    assert len(kept) >= certain


if __name__ == "__main__":
    asyncio.run(_note_for_ever(Path(sys.argv[1])))
