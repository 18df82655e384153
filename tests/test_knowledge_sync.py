"""T-5, K-5: the names of the series, overheard from the catalog and kept for starts at which it is away."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from mangaassist import knowledge_sync
from mangaassist.assembly.knowledge import SERIES_NAMES, followed_index, opened_index
from mangaassist.domain.products import Product, ProductChange
from mangaassist.errors import ModelFailure, ServiceFailure
from mangaassist.knowledge.generations import IndexGenerations, ServingIndex
from mangaassist.knowledge.index import IndexQuery
from mangaassist.knowledge.sources.folder import FolderSource
from mangaassist.knowledge.updates import Pipeline
from mangaassist.knowledge_sync import MOST_WORDS, KnowledgeFollower, KnowledgeSync, SeriesNames
from mangaassist.settings import Settings
from mangaassist.stores.sqlite.index_generations import IndexGeneration
from mangaassist.stores.sqlite.process_lock import InUse
from mangaassist.testing.memory_dead_letters import MemoryDeadLetters
from mangaassist.testing.memory_index import MemoryIndex
from mangaassist.testing.word_encoder import WordEncoder
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.reader import MeaningReader


class Pupil:
    """Remembers the lexicon that it was taught last."""

    def __init__(self) -> None:
        self.lessons = 0
        self.threads: set[int] = set()

    def learn(self, lexicon: Lexicon) -> None:
        self.lessons += 1
        self.threads.add(threading.get_ident())
        self.reader = MeaningReader(lexicon)
        self.themes = lexicon.themes

    def knows(self, text: str) -> list[str]:
        return list(self.reader.series_in(text))


async def stream(*volumes: int, title: str = "Dungeon Whiskers", **more: Any) -> AsyncIterator[ProductChange]:
    for volume in volumes:
        product = Product(
            asin=f"B0ABCDEF{volume:02}",
            title=f"{title}, Vol. {volume}",
            series_id=title.lower().replace(" ", "-"),
            series_title=title,
            **more,
        )
        yield ProductChange(
            cursor=volume, asin=product.asin, version=1, product=product, emitted_at=datetime.now(UTC), head=volume
        )


async def overhear(names: SeriesNames, *volumes: int, **more: Any) -> list[ProductChange]:
    return [change async for change in names.overheard(stream(*volumes, **more))]


async def test_a_series_is_known_once_the_catalog_has_told_of_it_and_the_stream_goes_on_unchanged(
    tmp_path: Path,
) -> None:
    pupil = Pupil()
    names = SeriesNames(tmp_path / "series.json", pupil.learn)
    assert pupil.knows("any Dungeon Whiskers left?") == []
    assert [change.cursor for change in await overhear(names, 1, 2, 3)] == [1, 2, 3]
    await names.settle()
    assert pupil.knows("any Dungeon Whiskers left?") == ["dungeon-whiskers"]


async def test_the_themes_of_a_series_are_learnt_with_it(tmp_path: Path) -> None:
    pupil = Pupil()
    names = SeriesNames(tmp_path / "series.json", pupil.learn)
    await overhear(names, 1, themes=("Thimble racing",))
    await names.settle()
    assert pupil.themes == {"Thimble racing"}


async def test_many_volumes_of_one_series_teach_once(tmp_path: Path) -> None:
    pupil = Pupil()
    names = SeriesNames(tmp_path / "series.json", pupil.learn)
    await overhear(names, *range(1, 40))
    await names.settle()
    await names.settle()
    assert pupil.lessons == 2  # what the file held at start, and what was overheard


async def test_what_was_learnt_is_known_at_the_next_start_without_a_catalog(tmp_path: Path) -> None:
    names = SeriesNames(tmp_path / "series.json", Pupil().learn)
    await overhear(names, 1)
    await names.settle()
    pupil = Pupil()
    SeriesNames(tmp_path / "series.json", pupil.learn)
    assert pupil.knows("any Dungeon Whiskers left?") == ["dungeon-whiskers"]


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b'[{"series_id": 3}]'])
async def test_a_damaged_file_of_names_is_as_good_as_none(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "series.json").write_bytes(damage)
    pupil = Pupil()
    names = SeriesNames(tmp_path / "series.json", pupil.learn)
    await overhear(names, 1)
    await names.settle()
    assert pupil.knows("any Dungeon Whiskers left?") == ["dungeon-whiskers"]


# ---- names that settle by themselves, beside the event loop


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The threads in which lexica were made."""
    threads: list[int] = []
    make = Lexicon.with_catalog

    def recorded(*given: Any) -> Lexicon:
        threads.append(threading.get_ident())
        return make(*given)

    monkeypatch.setattr(knowledge_sync.Lexicon, "with_catalog", recorded)
    return threads


async def test_new_names_are_made_a_lexicon_beside_the_event_loop_and_learnt_on_it(
    tmp_path: Path, made: list[int]
) -> None:
    pupil = Pupil()
    names = SeriesNames(tmp_path / "series.json", pupil.learn)
    await overhear(names, 1)
    await names.settle()
    here = threading.get_ident()
    assert made[0] == here
    assert made[1] != here
    assert pupil.threads == {here}


async def test_new_names_settle_without_being_asked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge_sync, "NAMES_SETTLE_S", 0.0)
    learnt = asyncio.Event()
    pupil = Pupil()

    def learn(lexicon: Lexicon) -> None:
        pupil.learn(lexicon)
        if pupil.lessons > 1:
            learnt.set()

    names = SeriesNames(tmp_path / "series.json", learn)
    await overhear(names, 1)
    await asyncio.wait_for(learnt.wait(), 10)
    await names.settle()
    assert pupil.knows("any Dungeon Whiskers left?") == ["dungeon-whiskers"]


async def test_what_is_overheard_while_names_are_learnt_is_learnt_next(tmp_path: Path) -> None:
    pupil = Pupil()
    names = SeriesNames(tmp_path / "series.json", pupil.learn)
    await overhear(names, 1)
    learning = asyncio.create_task(names.settle())
    await asyncio.sleep(0)
    await overhear(names, 1, title="Marble Tides")
    await names.settle()
    assert learning.done()
    assert pupil.lessons == 3
    assert pupil.knows("Dungeon Whiskers or Marble Tides?") == ["dungeon-whiskers", "marble-tides"]


async def test_a_folder_that_cannot_be_written_keeps_nobody_from_learning(tmp_path: Path) -> None:
    pupil = Pupil()
    names = SeriesNames(tmp_path / "gone" / "series.json", pupil.learn)
    await overhear(names, 1)
    await names.settle()
    assert pupil.knows("any Dungeon Whiskers left?") == ["dungeon-whiskers"]


async def test_the_file_of_names_stays_small_whatever_the_catalog_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knowledge_sync, "MOST_SERIES", 2)
    names = SeriesNames(tmp_path / "series.json", Pupil().learn)
    for title in ("One Alpha", "Two Beta", "Three Gamma"):
        await overhear(names, 1, title=title, themes=tuple(f"Theme {number}" for number in range(500)))
    await names.settle()
    kept = msgspec.json.decode((tmp_path / "series.json").read_bytes())
    assert [one["series_id"] for one in kept] == ["two-beta", "three-gamma"]
    assert all(len(one["themes"]) == MOST_WORDS for one in kept)


async def test_who_stops_following_has_kept_the_newest_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing_new(*_: Any) -> None:
        await asyncio.Event().wait()

    class Catalog:
        async def follow(self, *_: Any) -> None:
            await overhear(names, 1)
            following.cancel()

    monkeypatch.setattr(knowledge_sync.building, "keep_fresh", nothing_new)
    names = SeriesNames(tmp_path / "series.json", Pupil().learn)
    pipeline = SimpleNamespace(run=nothing_new)
    sync = KnowledgeSync(pipeline, names, stream, (), None, IndexGeneration(folder=tmp_path, model="m/1"))
    sync._catalog = Catalog()
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
        self.settings = replace(Settings(), cache_dir=str(folder))
        self.pages, self.encoder = pages, encoder

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[tuple[KnowledgeSync, IndexGenerations]]:
        async with opened_index(self.settings, self.encoder) as knowledge:
            names = SeriesNames(self.settings.cache / "series.json", Pupil().learn)
            pipeline = Pipeline(knowledge.index.current, self.encoder, MemoryDeadLetters())
            sources, generation = (FolderSource(self.pages),), knowledge.generation
            sync = KnowledgeSync(pipeline, names, lambda _: stream(1), sources, Reviews(), generation, knowledge.index)
            yield sync, knowledge.index


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
