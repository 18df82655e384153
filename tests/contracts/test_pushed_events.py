"""K-5: what others push is kept once until it is taken, and the newest of each page for good, for all that share the place."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from mangaassist.errors import ServiceFailure
from mangaassist.knowledge.sources.pushed_events import PushedEvents
from mangaassist.stores.folder.pushed_events import FolderEvents
from mangaassist.stores.opensearch.pushed_events import OpenSearchEvents
from tests.contracts.chunk_index import ENGINES, engine_at

Opened = Callable[..., PushedEvents]


class PushedEventsContract:
    """Give ``opened``: what it makes looks at the same place each time. It takes ``source`` and what the adapters take."""

    async def test_an_event_waits_as_it_came_until_it_is_taken(self, opened: Opened) -> None:
        events = opened()
        assert await events.keep("1-a", '{"a": "進撃"}'.encode()) == "kept"
        assert await events.waiting() == ["1-a"]
        assert await events.read("1-a") == '{"a": "進撃"}'.encode()
        await events.take("1-a")
        assert await events.waiting() == []

    async def test_another_process_finds_what_one_has_kept_oldest_first(self, opened: Opened) -> None:
        serving, indexing = opened(), opened()
        for name in ("3", "1", "2"):
            await serving.keep(name, b"{}")
        assert await indexing.waiting() == ["3", "1", "2"]
        await indexing.take("3")
        assert await serving.waiting() == ["1", "2"]

    async def test_a_delivery_is_known_while_it_waits_and_after_it_was_taken(self, opened: Opened) -> None:
        events = opened()
        await events.keep("1", b"{}")
        assert await events.keep("1", b"another") == "known"
        await events.take("1")
        await events.forget()
        assert await opened().keep("1", b"{}") == "known"
        assert await events.waiting() == []

    async def test_of_two_that_keep_a_delivery_at_once_one_does(self, opened: Opened) -> None:
        kept = await asyncio.gather(*(opened().keep("1", b"{}") for _ in range(3)))
        assert sorted(kept) == ["kept", "known", "known"]

    async def test_what_was_taken_long_ago_is_forgotten_and_nothing_that_waits(self, opened: Opened) -> None:
        events = opened(remembered_s=-1.0)
        for name in ("1", "2"):
            await events.keep(name, b"{}")
        await events.take("1")
        await events.forget()
        assert [await events.keep(name, b"{}") for name in ("1", "2")] == ["kept", "known"]

    async def test_more_than_may_wait_is_not_kept(self, opened: Opened) -> None:
        events = opened(most_waiting=1)
        assert [await events.keep(name, b"{}") for name in ("1", "2")] == ["kept", "full"]
        await events.take("1")
        assert await events.keep("2", b"{}") == "kept"

    async def test_sources_know_nothing_of_each_other(self, opened: Opened) -> None:
        await opened("editorial").keep("1", b"{}")
        await opened("editorial").remember("guide", b"{}")
        other = opened("ingested")
        assert (await other.waiting(), await other.remembered("guide"), await other.newest("", 5)) == ([], None, [])
        assert await other.keep("1", b"{}") == "kept"

    async def test_the_newest_event_of_a_page_takes_the_place_of_the_one_before(self, opened: Opened) -> None:
        events = opened()
        assert await events.remembered("guide/1") is None
        for event in (b"first", b"second"):
            await events.remember("guide/1", event)
        assert await opened().remembered("guide/1") == b"second"

    async def test_the_newest_events_are_told_part_by_part_and_each_once(self, opened: Opened) -> None:
        events = opened()
        for number in range(5):
            await events.remember(f"guide-{number}", f"{number}".encode())
        await events.keep("1", b"one that waits")
        told, after = list[bytes](), ""
        while part := await events.newest(after, 2):
            told += [event for _, event in part]
            after = part[-1][0]
        assert sorted(told) == [b"0", b"1", b"2", b"3", b"4"]


class TestFolderEvents(PushedEventsContract):
    @pytest.fixture
    def opened(self, tmp_path: Path) -> Opened:
        return lambda source="editorial", **given: FolderEvents(tmp_path / source, **given)

    async def test_a_disk_that_refuses_is_a_failure_of_the_knowledge(self, tmp_path: Path) -> None:
        (tmp_path / "editorial").write_text("no folder")
        with pytest.raises(ServiceFailure, match="knowledge"):
            await FolderEvents(tmp_path / "editorial").keep("1", b"{}")


class TestOpenSearchEvents(PushedEventsContract):
    @pytest.fixture(params=ENGINES)
    async def opened(self, request: pytest.FixtureRequest) -> AsyncIterator[Opened]:
        async with engine_at(request.param) as (engine, name):
            index = await OpenSearchEvents.make(engine, name, replicas=0)
            yield lambda source="editorial", **given: OpenSearchEvents(engine, index, source, **given)
