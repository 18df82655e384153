"""K-4: an event that cannot be applied is kept with its error, listed, and tried again when somebody asks for it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mangaassist.errors import ServiceFailure, StartFailed
from mangaassist.knowledge.dead_letters import ERROR_LIMIT, EVENT_LIMIT, DeadLetter, DeadLetters
from mangaassist.stores.opensearch.dead_letters import OpenSearchDeadLetters
from mangaassist.stores.sqlite.dead_letters import SqliteDeadLetters
from mangaassist.testing import memory_dead_letters
from mangaassist.testing.memory_dead_letters import MemoryDeadLetters
from tests.contracts.chunk_index import ENGINES, engine_at

WHEN = datetime(2026, 11, 1, 12, tzinfo=UTC)


def letter(document_id: str, version: int = 1, source: str = "cms", error: str = "no", event: str = "{}") -> DeadLetter:
    return DeadLetter(
        source=source, document_id=document_id, version=version, error=error, event=event, set_aside_at=WHEN
    )


async def listed(letters: DeadLetters) -> list[str]:
    return [one.document_id for one in await letters.newest(10)]


class DeadLettersContract:
    """Give ``letters``, which are none."""

    async def test_the_newest_are_listed_first(self, letters: DeadLetters) -> None:
        for one in "abc":
            await letters.set_aside(letter(one))
        assert [one.document_id for one in await letters.newest(2)] == ["c", "b"]

    async def test_a_letter_comes_back_as_it_was_set_aside(self, letters: DeadLetters) -> None:
        written = letter("a", 7, error="ValueError: x", event='{"a": "進撃の巨人"}')
        await letters.set_aside(written)
        assert await letters.newest(1) == [written]

    async def test_the_same_event_again_is_one_more_attempt_with_its_newest_error(self, letters: DeadLetters) -> None:
        for one in (letter("a", error="first"), letter("b"), letter("a", error="second")):
            await letters.set_aside(one)
        newest, other = await letters.newest(5)
        assert (newest.document_id, newest.error, newest.attempts) == ("a", "second", 2)
        assert (other.document_id, other.attempts) == ("b", 1)

    async def test_events_that_nobody_can_read_are_told_apart_by_what_they_say(self, letters: DeadLetters) -> None:
        for event in ("{", "[", "{"):
            await letters.set_aside(letter("", 0, event=event))
        assert [(one.event, one.attempts) for one in await letters.newest(5)] == [("{", 2), ("[", 1)]

    async def test_they_are_counted_by_source(self, letters: DeadLetters) -> None:
        for one in (letter("a"), letter("b"), letter("a", source="catalog")):
            await letters.set_aside(one)
        assert await letters.counted() == {"cms": 2, "catalog": 1}

    async def test_only_those_that_somebody_asks_for_are_due(self, letters: DeadLetters) -> None:
        for one in "abc":
            await letters.set_aside(letter(one))
        assert await letters.due(5) == []
        assert await letters.ask_again([letter("b").letter_id, "unknown"]) == 1
        assert [(one.document_id, one.is_due) for one in await letters.due(5)] == [("b", True)]

    async def test_all_of_them_can_be_asked_for_oldest_first(self, letters: DeadLetters) -> None:
        for one in "abc":
            await letters.set_aside(letter(one))
        assert await letters.ask_again() == 3
        assert [one.document_id for one in await letters.due(2)] == ["a", "b"]

    async def test_one_that_fails_again_is_due_no_longer(self, letters: DeadLetters) -> None:
        await letters.set_aside(letter("a"))
        await letters.ask_again()
        await letters.set_aside(letter("a"))
        assert await letters.due(5) == []
        assert await listed(letters) == ["a"]

    async def test_what_was_applied_is_dropped(self, letters: DeadLetters) -> None:
        for one in "ab":
            await letters.set_aside(letter(one))
        await letters.drop([letter("a").letter_id])
        assert await listed(letters) == ["b"]

    async def test_what_a_newer_version_has_overtaken_is_dropped_and_nothing_else(self, letters: DeadLetters) -> None:
        old, newer, other, elsewhere = letter("a", 1), letter("a", 3), letter("b", 1), letter("a", 1, source="catalog")
        for one in (old, newer, other, elsewhere):
            await letters.set_aside(one)
        await letters.overtaken("cms", {"a": 2})
        assert set(await letters.newest(5)) == {newer, other, elsewhere}

    async def test_an_event_set_aside_may_hold_any_text_of_any_length(self, letters: DeadLetters) -> None:
        await letters.set_aside(letter("", error="\ud800" + "e" * 10_000, event="\ud800\0" + "x" * 2 * EVENT_LIMIT))
        [kept] = await letters.newest(1)
        assert (len(kept.error), len(kept.event)) == (ERROR_LIMIT, EVENT_LIMIT)

    async def test_those_that_failed_longest_ago_go_first(
        self, letters: DeadLetters, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(memory_dead_letters, "LETTERS_KEPT", 3)
        monkeypatch.setattr("mangaassist.stores.sqlite.dead_letters.LETTERS_KEPT", 3)
        monkeypatch.setattr("mangaassist.stores.opensearch.dead_letters.LETTERS_KEPT", 3)
        for one in "abcad":
            await letters.set_aside(letter(one))
        assert await listed(letters) == ["d", "a", "c"]


class TestMemoryDeadLetters(DeadLettersContract):
    @pytest.fixture
    def letters(self) -> MemoryDeadLetters:
        return MemoryDeadLetters()


class TestOpenSearchDeadLetters(DeadLettersContract):
    @pytest.fixture(params=ENGINES)
    async def letters(self, request: pytest.FixtureRequest) -> AsyncIterator[OpenSearchDeadLetters]:
        async with engine_at(request.param) as (engine, name):
            yield await OpenSearchDeadLetters.open(engine, name, replicas=0)

    async def test_two_that_fail_with_the_same_event_at_once_are_two_attempts(
        self, letters: OpenSearchDeadLetters
    ) -> None:
        await asyncio.gather(*(letters.set_aside(letter("a")) for _ in range(3)))
        assert [(one.document_id, one.attempts) for one in await letters.newest(5)] == [("a", 3)]

    async def test_many_are_listed_page_by_page(
        self, letters: OpenSearchDeadLetters, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("mangaassist.stores.opensearch.dead_letters.PAGE", 3)
        for number in range(8):
            await letters.set_aside(letter(f"d{number}"))
        assert [one.document_id for one in await letters.newest(7)] == [f"d{number}" for number in range(7, 0, -1)]

    async def test_a_failure_of_the_engine_is_one_of_the_dead_letters(self, letters: OpenSearchDeadLetters) -> None:
        gone = OpenSearchDeadLetters(letters._engine, "nothing-of-this-name")
        with pytest.raises(ServiceFailure) as caught:
            await gone.newest(1)
        assert (caught.value.service, caught.value.kind) == ("dead_letters", "contract")


class TestSqliteDeadLetters(DeadLettersContract):
    @pytest.fixture
    async def letters(self, tmp_path: Path) -> AsyncIterator[SqliteDeadLetters]:
        opened = SqliteDeadLetters(tmp_path / "letters.db")
        yield opened
        await opened.close()

    async def test_another_process_finds_them_and_asks_for_them(self, tmp_path: Path) -> None:
        indexing, command = SqliteDeadLetters(tmp_path / "letters.db"), SqliteDeadLetters(tmp_path / "letters.db")
        await indexing.set_aside(letter("a"))
        assert await listed(command) == ["a"]
        await command.ask_again()
        assert [one.document_id for one in await indexing.due(5)] == ["a"]
        await indexing.close()
        await command.close()

    async def test_a_damaged_file_stops_the_start_and_says_what_to_do(self, tmp_path: Path) -> None:
        (tmp_path / "letters.db").write_bytes(b"\xff" * 5000)
        with pytest.raises(StartFailed, match=r"letters\.db.*[Mm]ove"):
            SqliteDeadLetters(tmp_path / "letters.db")
