"""Work that comes together is committed together, and fails alone."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mangaassist.errors import Conflict, ServiceFailure
from mangaassist.stores.sqlite.group_commit import WAITING_LIMIT, GroupCommit


@pytest.fixture
async def commits(tmp_path: Path) -> AsyncIterator[GroupCommit]:
    opened = GroupCommit("sessions", tmp_path / "some.db")
    await opened.run(lambda db: db.execute("CREATE TABLE kept (name TEXT UNIQUE) STRICT"))
    yield opened
    await opened.close()


def keep(name: str):
    def work(db: sqlite3.Connection) -> str:
        db.execute("INSERT INTO kept VALUES (?)", (name,))
        return name

    return work


async def names(commits: GroupCommit) -> list[str]:
    return await commits.run(lambda db: [name for (name,) in db.execute("SELECT name FROM kept ORDER BY rowid")])


async def test_each_piece_of_work_gives_its_own_result_in_the_order_in_which_it_came(commits: GroupCommit) -> None:
    given = [f"n{number}" for number in range(100)]
    assert await asyncio.gather(*(commits.run(keep(name)) for name in given)) == given
    assert await names(commits) == given


async def test_one_that_fails_takes_nothing_of_the_others_along(commits: GroupCommit) -> None:
    def half(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO kept VALUES ('half')")
        raise Conflict("s", 1)

    def broken(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO kept VALUES ('before')")
        db.execute("INSERT INTO nowhere VALUES (1)")

    outcomes = await asyncio.gather(
        *(commits.run(work) for work in (keep("a"), half, keep("b"), broken, keep("a"), keep("c"))),
        return_exceptions=True,
    )
    kinds = [type(outcome).__name__ for outcome in outcomes]
    assert kinds == ["str", "Conflict", "str", "ServiceFailure", "ServiceFailure", "str"]
    assert await names(commits) == ["a", "b", "c"]


async def test_a_mistake_of_ours_is_raised_as_it_is_and_nothing_of_its_group_is_kept(commits: GroupCommit) -> None:
    def mistaken(db: sqlite3.Connection) -> None:
        raise ZeroDivisionError

    outcomes = await asyncio.gather(commits.run(keep("a")), commits.run(mistaken), return_exceptions=True)
    assert ZeroDivisionError in [type(outcome) for outcome in outcomes]
    assert await commits.run(keep("b")) == "b"


async def test_work_whose_caller_gave_up_is_finished(commits: GroupCommit) -> None:
    given_up = asyncio.create_task(commits.run(keep("a")))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    assert await names(commits) == ["a"]


async def test_what_is_too_much_is_refused_and_what_waits_is_kept(commits: GroupCommit) -> None:
    waiting = [asyncio.create_task(commits.run(keep(f"n{number}"))) for number in range(WAITING_LIMIT + 10)]
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, ServiceFailure)]
    assert 0 < len(refused) <= 10
    assert len(await names(commits)) == len(waiting) - len(refused)


async def test_closing_keeps_what_waits(tmp_path: Path) -> None:
    opened = GroupCommit("sessions", tmp_path / "some.db")
    await opened.run(lambda db: db.execute("CREATE TABLE kept (name TEXT UNIQUE) STRICT"))
    waiting = [asyncio.create_task(opened.run(keep(name))) for name in "abc"]
    await asyncio.sleep(0)
    await opened.close()
    assert await asyncio.gather(*waiting) == ["a", "b", "c"]
    with sqlite3.connect(tmp_path / "some.db") as db:
        assert db.execute("SELECT count(*) FROM kept").fetchone() == (3,)
