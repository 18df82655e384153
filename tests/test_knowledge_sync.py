"""K-3, K-5, O-7: the knowledge kept in step with the store: built, swapped, resumed, and followed by who only serves."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from mangaassist import knowledge_sync
from mangaassist.assembly.knowledge import (
    SERIES_NAMES,
    followed_index,
    opened_generations,
    opened_inboxes,
    opened_index,
    webhook_of,
)
from mangaassist.domain.products import ProductChange
from mangaassist.errors import ModelFailure, ServiceFailure
from mangaassist.knowledge.documents import Document, encode_change, upsert
from mangaassist.knowledge.generations import IndexGenerations, ServingIndex
from mangaassist.knowledge.index import IndexQuery
from mangaassist.knowledge.sources.folder import FolderSource
from mangaassist.knowledge.updates import Pipeline
from mangaassist.knowledge_sync import KnowledgeFollower, KnowledgeSync
from mangaassist.series_names import SeriesNames
from mangaassist.settings import Settings
from mangaassist.stores.sqlite.index_generations import IndexGeneration
from mangaassist.stores.sqlite.process_lock import InUse
from mangaassist.testing.memory_dead_letters import MemoryDeadLetters
from mangaassist.testing.memory_index import MemoryIndex
from mangaassist.testing.opensearch_server import OpenSearchServer
from mangaassist.testing.word_encoder import WordEncoder
from tests.patience import PATIENCE
from tests.test_series_names import Pupil, overhear, stream


async def test_who_stops_following_has_kept_the_newest_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing_new(*_: Any) -> None:
        await asyncio.Event().wait()

    async def hear_one(*_: Any) -> None:
        await overhear(names, 1)
        following.cancel()

    monkeypatch.setattr(knowledge_sync.building, "keep_fresh", nothing_new)
    names = SeriesNames(tmp_path / "series.json", Pupil().learn)
    pipeline = SimpleNamespace(run=nothing_new)
    sync = KnowledgeSync(pipeline, names, stream, (), None, IndexGeneration(folder=tmp_path, model="m/1"))
    sync._catalog.follow = hear_one
    following = asyncio.create_task(sync.follow())
    await asyncio.gather(following, return_exceptions=True)
    assert following.cancelled()
    assert b"dungeon-whiskers" in (tmp_path / "series.json").read_bytes()


async def test_whoever_does_not_follow_takes_up_an_edited_page_in_what_was_built_before(tmp_path: Path) -> None:
    page, index = tmp_path / "pages" / "faq" / "returns.md", MemoryIndex()
    generation = IndexGeneration(folder=tmp_path, model="m/1")
    page.parent.mkdir(parents=True)
    page.write_text("---\ntitle: Returns\nstatus: approved\n---\nWithin thirty days.")

    async def taken_up() -> int:
        names = SeriesNames(tmp_path / "series.json", Pupil().learn)
        pages = (FolderSource(tmp_path / "pages"),)
        pipeline = Pipeline(index, WordEncoder(), MemoryDeadLetters())
        sync = KnowledgeSync(pipeline, names, stream, pages, None, generation)
        return (await sync.refresh_pages()).added

    assert (await taken_up(), await taken_up()) == (1, 0)
    page.write_text(page.read_text().replace("approved", "approved\nquestions: [can i send it back]"))
    os.utime(page, (page.stat().st_mtime + 1,) * 2)
    assert await taken_up() == 1
    asked = await index.fetch(["folder/faq-returns#0?0"])
    assert [one.chunk.title for one in asked] == ["can i send it back"]


# ---- another encoder: its knowledge is made beside that of the one before (K-3)


class Rebuilt:
    """What ``opened_index`` and ``opened_knowledge_sync`` make of a folder and an encoder, over one page."""

    def __init__(self, folder: Path, pages: Path, encoder: WordEncoder) -> None:
        self.settings = replace(Settings(), cache_dir=str(folder), data_dir=str(folder.parent / "data"))
        self.pages, self.encoder = pages, encoder

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[tuple[KnowledgeSync, IndexGenerations]]:
        async with opened_index(self.settings, self.encoder) as knowledge, opened_inboxes(self.settings) as inbox_of:
            names = SeriesNames(self.settings.cache / "series.json", Pupil().learn)
            pipeline = Pipeline(knowledge.index.current, self.encoder, MemoryDeadLetters())
            sources, generation = (FolderSource(self.pages),), knowledge.generation
            sync = KnowledgeSync(
                pipeline, names, lambda _: stream(1), sources, Reviews(), generation, knowledge.index,
                inboxes=(inbox_of("editorial"),), successor=knowledge.successor,
            )  # fmt: skip
            yield sync, knowledge.index

    @asynccontextmanager
    async def beside(self) -> AsyncIterator[KnowledgeSync]:
        """As ``knowledge reindex`` makes the same encoder's anew, while another process may have it open."""
        async with opened_generations(self.settings) as kept, opened_inboxes(self.settings) as inbox_of:
            fresh = await kept.beside(await kept.of(self.encoder.dimensions, self.encoder.digest))
            with fresh.held():
                index = await fresh.opened(PATIENCE)
                pipeline = Pipeline(index, self.encoder, MemoryDeadLetters())
                names = SeriesNames(self.settings.cache / "series.json", Pupil().learn)
                sources, inboxes = (FolderSource(self.pages),), (inbox_of("editorial"),)
                yield KnowledgeSync(
                    pipeline, names, lambda _: stream(1), sources, Reviews(), fresh, inboxes=inboxes
                )  # fmt: skip
                await index.close()


class Reviews:
    """No reviews; or, while ``is_away``, none to be had."""

    name = "reviews"
    is_away = False

    async def read(self) -> AsyncIterator[Any]:
        if Reviews.is_away:
            raise ServiceFailure("reviews", "unreachable")
        return
        yield


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    page = tmp_path / "pages" / "faq" / "returns.md"
    page.parent.mkdir(parents=True)
    page.write_text("---\ntitle: Returns\nstatus: approved\n---\nA torn parcel goes back within thirty days.")
    return tmp_path / "pages"


FOUND_BY = IndexQuery(text="torn parcel", vector=None, source_types=("faq",), depth=3)


async def titles(index: ServingIndex) -> list[str]:
    return [hit.stored.chunk.title for hit in await index.search(FOUND_BY)]


async def test_another_encoder_is_served_at_once_and_swapped_in_when_its_knowledge_is_whole(
    tmp_path: Path, pages: Path
) -> None:
    before, now = (Rebuilt(tmp_path / "cache", pages, WordEncoder(dimensions)) for dimensions in (64, 32))
    async with before.opened() as (sync, index):
        assert not sync.is_answered_meanwhile, "a first start has nothing that could answer"
        await sync.build()
    async with now.opened() as (sync, index):
        assert (sync.is_built, sync.is_answered_meanwhile, await titles(index)) == (False, True, ["Returns"])
        await sync.build()
        assert (sync.is_built, sync.is_answered_meanwhile, await titles(index)) == (True, False, ["Returns"])
    async with now.opened() as (sync, index):
        assert (sync.is_built, index.by_words_alone) == (True, False)


async def test_whoever_goes_back_to_the_encoder_before_has_its_knowledge_at_once_and_embeds_only_what_changed(
    tmp_path: Path, pages: Path
) -> None:
    before, now = (Rebuilt(tmp_path / "cache", pages, WordEncoder(dimensions)) for dimensions in (64, 32))
    for one in (before, now):
        async with one.opened() as (sync, _):
            await sync.build()
    before.encoder.given.clear()
    async with before.opened() as (sync, index):
        assert (sync.is_built, index.by_words_alone, await titles(index)) == (True, False, ["Returns"])
        await sync.build()
    assert before.encoder.given == []


async def test_what_is_not_read_to_its_end_is_not_swapped_in_and_is_tried_again(
    tmp_path: Path, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    async def until_reviews_are_back(_: float) -> None:
        tries.append(1)
        monkeypatch.setattr(Reviews, "is_away", len(tries) < 2)

    before, now = (Rebuilt(tmp_path / "cache", pages, WordEncoder(dimensions)) for dimensions in (64, 32))
    async with before.opened() as (sync, _):
        await sync.build()
    monkeypatch.setattr(Reviews, "is_away", True)
    monkeypatch.setattr(knowledge_sync.asyncio, "sleep", until_reviews_are_back)
    async with now.opened() as (sync, index):
        await sync._build_beside()
        assert (len(tries), sync.is_built, index.by_words_alone) == (2, True, False)
    assert len(now.encoder.given) == len(set(now.encoder.given)), "what one try has embedded the next one has"


# ---- the same encoder's made anew (K-3)


async def test_the_process_that_indexes_goes_over_to_what_was_made_anew_and_back_without_a_gap(
    tmp_path: Path, pages: Path
) -> None:
    rebuilt = Rebuilt(tmp_path / "cache", pages, WordEncoder(64))
    page = pages / "faq" / "returns.md"
    async with rebuilt.opened() as (sync, index):
        await sync.build()
        first = sync._generation.name
        rebuilt.encoder.given.clear()
        async with rebuilt.beside() as anew:
            await anew.build()
            assert rebuilt.encoder.given, "embedded anew"
            assert await titles(index) == ["Returns"]
            with pytest.raises(InUse):
                await sync._move_on()
        page.write_text(page.read_text().replace("title: Returns", "title: Sending back"))
        os.utime(page, (page.stat().st_mtime + 1,) * 2)
        await sync.refresh_pages()
        rebuilt.encoder.given.clear()
        await sync._move_on()
        assert (sync._generation.name != first, await titles(index)) == (True, ["Sending back"])
        assert len(rebuilt.encoder.given) == 1, "what it had missed, and nothing else"
        assert await index.current.cursor("catalog") == "1"
        async with opened_generations(rebuilt.settings) as kept:
            before = await kept.before(sync._generation)
            assert before is not None
            await before.mark_built()
        await sync._move_on()
        assert (sync._generation.name, await titles(index)) == (first, ["Sending back"])
    async with rebuilt.opened() as (sync, index):
        assert sync._generation.name == first


async def test_what_could_not_be_read_when_it_was_moved_to_is_read_at_the_next_look(
    tmp_path: Path, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuilt = Rebuilt(tmp_path / "cache", pages, WordEncoder(64))
    async with rebuilt.opened() as (sync, index):
        await sync.build()
        async with rebuilt.beside() as anew:
            await anew.build()
        (pages / "faq" / "more.md").write_text((pages / "faq" / "returns.md").read_text().replace("Returns", "More"))
        monkeypatch.setattr(Reviews, "is_away", True)
        await sync._move_on()
        assert sync._is_behind
        monkeypatch.setattr(Reviews, "is_away", False)
        await sync._move_on()
        assert not sync._is_behind
        assert sorted(await titles(index)) == ["More", "Returns"]


async def test_what_was_pushed_and_cannot_be_read_again_is_in_what_is_made_anew(tmp_path: Path, pages: Path) -> None:
    rebuilt = Rebuilt(tmp_path / "cache", pages, WordEncoder(64))
    guide = Document(
        document_id="guide", title="Parcels", body="A torn parcel.", source_type="faq", version=1,
        updated_at=datetime.now(UTC),
    )  # fmt: skip
    async with rebuilt.opened() as (sync, _), opened_inboxes(rebuilt.settings) as inbox_of:
        pushed = inbox_of("editorial")
        await pushed.keep("one", encode_change(upsert("editorial", guide, datetime.now(UTC))).encode())
        await sync.build()
        await pushed.apply_waiting(sync._pipeline)
    async with rebuilt.beside() as anew:
        await anew.build()
    async with rebuilt.opened() as (_, index):
        assert sorted(await titles(index)) == ["Parcels", "Returns"]


async def test_what_one_machine_takes_another_one_indexes_where_they_share_an_opensearch(tmp_path: Path) -> None:
    """K-5, O-7: whoever serves takes the editors' pages, on a disk that the process that indexes does not see."""
    guide = Document(
        document_id="guide", title="Parcels", body="A torn parcel.", source_type="editorial", version=1,
        updated_at=datetime.now(UTC),
    )  # fmt: skip
    raw = encode_change(upsert("editorial", guide, datetime.now(UTC))).encode()
    key = tmp_path / "key"
    key.write_bytes(b"k" * 32)
    index = MemoryIndex()
    async with OpenSearchServer() as engine:
        serving, indexing = (
            replace(
                Settings(),
                data_dir=str(tmp_path / name),
                knowledge=replace(Settings().knowledge, index="opensearch", webhook_key_file=str(key)),
                opensearch=replace(Settings().opensearch, url=engine.url, replicas=0),
            )
            for name in ("serving", "indexing")
        )
        async with opened_inboxes(serving) as inbox_of:
            webhook = webhook_of(serving, inbox_of("editorial"))
            assert webhook is not None
            assert await webhook.inbox.keep("1-a", raw) == "kept"
        async with opened_inboxes(indexing) as inbox_of:
            pipeline = Pipeline(index, WordEncoder(), MemoryDeadLetters())
            await inbox_of("editorial").apply_waiting(pipeline)
            assert not await inbox_of("editorial").waits()
    assert [one.chunk.content for one in await index.fetch(["guide#0"])] == ["A torn parcel."]


# ---- one process indexes, any number serve (O-7)


async def test_one_process_alone_writes_an_index_and_the_next_is_told_what_to_do(tmp_path: Path, pages: Path) -> None:
    writing, other = (Rebuilt(tmp_path / "cache", pages, WordEncoder(dimensions)) for dimensions in (64, 32))
    async with writing.opened():
        with pytest.raises(InUse, match=r"Another process.*mangaassist index.*indexed_by"):
            async with writing.opened():
                pass
        async with other.opened() as (sync, _):  # another encoder's is made beside it
            await sync.build()
    async with writing.opened() as (sync, _):
        await sync.build()


def unbuilt(folder: Path) -> IndexGeneration:
    return IndexGeneration(folder=folder, model="words-64/64")


class Serving:
    """A process that only serves from a folder, as far as knowledge goes."""

    def __init__(self, settings: Settings, encoder: WordEncoder) -> None:
        self.settings, self.encoder, self.pupil = settings, encoder, Pupil()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[tuple[KnowledgeFollower, ServingIndex]]:
        async with followed_index(self.settings, self.encoder) as followed:
            names = SeriesNames(self.settings.cache / SERIES_NAMES, self.pupil.learn)
            yield KnowledgeFollower(followed.refresh, names), followed.shown


async def test_two_that_serve_see_what_one_that_indexes_has_made_and_the_names_that_it_has_heard(
    tmp_path: Path, pages: Path
) -> None:
    indexing = Rebuilt(tmp_path / "cache", pages, WordEncoder(64))
    one, other = (Serving(indexing.settings, WordEncoder(64)) for _ in range(2))
    async with one.opened() as (following, shown), other.opened() as (following_too, shown_too):
        await following.prepare()
        assert await titles(shown) == [], "nothing is there, and nobody waits for it"
        async with indexing.opened() as (sync, _):
            await sync.build()
            for follower in (following, following_too):
                await follower._look()
            assert await titles(shown) == await titles(shown_too) == ["Returns"]
            page = pages / "faq" / "returns.md"
            page.write_text(page.read_text().replace("title: Returns", "title: Sending back"))
            os.utime(page, (page.stat().st_mtime + 1,) * 2)
            await sync.refresh_pages()
            await following._look()
            assert (await titles(shown), await titles(shown_too)) == (["Sending back"], ["Returns"])
        for serving in (one, other):
            assert serving.pupil.knows("any Dungeon Whiskers left?") == ["dungeon-whiskers"]


async def test_who_follows_goes_on_after_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    looked = asyncio.Event()
    failures: list[Exception] = [ServiceFailure("knowledge", "error")] * 2

    async def refresh() -> None:
        if failures:
            raise failures.pop()
        looked.set()

    monkeypatch.setattr(knowledge_sync, "LOOK_EVERY_S", 0.0)
    following = asyncio.create_task(KnowledgeFollower(refresh, SeriesNames(tmp_path / "s", Pupil().learn)).follow())
    await asyncio.wait_for(looked.wait(), 10)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


class Told:
    """A catalog of some volumes that remembers after which cursor it was asked; nothing happens after the last of them."""

    def __init__(self, *volumes: int) -> None:
        self.volumes = list(volumes)
        self.asked: list[int] = []

    async def __call__(self, after: int) -> AsyncIterator[ProductChange]:
        self.asked.append(after)
        async for change in stream(*(volume for volume in self.volumes if volume > after)):
            yield change
        await asyncio.Event().wait()


class Followed:
    """Follows a catalog into an index as a process does, until it is left; ``killed`` as ``kill -9`` leaves it."""

    def __init__(self, folder: Path, index: MemoryIndex, changes: Told) -> None:
        self.index, self.changes, self._folder = index, changes, folder

    @asynccontextmanager
    async def until(self, asin: str, *, killed: bool = False) -> AsyncIterator[None]:
        names = SeriesNames(self._folder / "series.json", Pupil().learn)
        pipeline = Pipeline(self.index, WordEncoder(), MemoryDeadLetters())
        sync = KnowledgeSync(pipeline, names, self.changes, (), Reviews(), unbuilt(self._folder))
        if killed:
            sync._keep_cursor = names.settle
        following = asyncio.create_task(sync.follow())
        async with asyncio.timeout(10):
            while not await self.index.newest([asin]):
                await asyncio.sleep(0)
        yield
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def test_a_restart_goes_on_where_the_changes_that_were_applied_end(tmp_path: Path) -> None:
    """K-5: the cursor is kept with the index; what nobody has kept is heard again, and no harm is done."""
    followed = Followed(tmp_path, MemoryIndex(), Told(1, 2))
    async with followed.until("B0ABCDEF02"):
        pass
    followed.changes.volumes += [3]
    async with followed.until("B0ABCDEF03", killed=True):
        pass
    followed.changes.volumes += [4]
    async with followed.until("B0ABCDEF04"):
        pass
    assert followed.changes.asked == [0, 2, 2]
    assert await followed.index.cursor("catalog") == "4"


async def test_a_restart_that_has_lost_the_names_hears_the_whole_catalog_again(tmp_path: Path) -> None:
    followed = Followed(tmp_path, MemoryIndex(), Told(1))
    async with followed.until("B0ABCDEF01"):
        pass
    (tmp_path / "series.json").unlink()
    followed.changes.volumes += [2]
    async with followed.until("B0ABCDEF02"):
        pass
    assert followed.changes.asked == [0, 0]
    assert b"dungeon-whiskers" in (tmp_path / "series.json").read_bytes()


async def test_a_generation_made_anew_knows_no_cursor_and_its_build_keeps_one(tmp_path: Path, pages: Path) -> None:
    rebuilt = Rebuilt(tmp_path / "cache", pages, WordEncoder(64))
    async with rebuilt.opened() as (sync, index):
        assert await index.current.cursor("catalog") == ""
        await sync.build()
        assert await index.current.cursor("catalog") == "1"


async def test_what_was_set_aside_is_tried_again_and_counted_while_the_store_is_followed(
    tmp_path: Path, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[Mapping[str, int]] = []
    done = asyncio.Event()

    def count(letters: Mapping[str, int]) -> None:
        counted.append(dict(letters))
        if not letters:
            done.set()

    encoder, letters = WordEncoder(), MemoryDeadLetters()
    pipeline = Pipeline(MemoryIndex(), encoder, letters)
    encoder.fails = lambda _: ModelFailure("encoder", "refuses")
    names = SeriesNames(tmp_path / "series.json", Pupil().learn)
    sync = KnowledgeSync(
        pipeline, names, lambda _: stream(1), (FolderSource(pages),), Reviews(), unbuilt(tmp_path), None, count
    )
    await sync.build()
    assert not sync.is_following, "how old is what a first build reads is no lag"
    encoder.fails = lambda _: None
    monkeypatch.setattr(knowledge_sync, "AGAIN_EVERY_S", 0.0)
    await letters.ask_again()
    following = asyncio.create_task(sync.follow())
    await asyncio.wait_for(done.wait(), 10)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert (counted[-1], sync.is_following) == ({}, True)
    assert await pipeline.index.versions("folder")


async def test_each_source_has_a_limit_of_its_lag(tmp_path: Path, pages: Path) -> None:
    names = SeriesNames(tmp_path / "series.json", Pupil().learn)
    pipeline = Pipeline(MemoryIndex(), WordEncoder(), MemoryDeadLetters())
    sync = KnowledgeSync(pipeline, names, stream, (FolderSource(pages),), Reviews(), unbuilt(tmp_path))
    assert sync.lag_limits == {"catalog": 10.0, "folder": 10.0, "reviews": 3610.0}
