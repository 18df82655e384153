"""K-3: another encoder without downtime: what one made answers by words until what the next one makes is whole, then they swap."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from mangaassist.errors import StartFailed
from mangaassist.knowledge.followed_index import FollowedIndex
from mangaassist.knowledge.generations import Generation, GenerationStore, IndexGenerations
from mangaassist.knowledge.index import ChunkIndex, IndexQuery, Revision
from mangaassist.stores.opensearch.index_generations import OpenSearchGenerations, Shape
from mangaassist.stores.sqlite.chunk_index import SqliteChunkIndex
from mangaassist.stores.sqlite.index_generations import (
    FORMER_KEPT,
    IndexGeneration,
    SqliteGenerations,
    former_of,
    generation_of,
    generations,
    settle_on,
)
from mangaassist.testing.memory_index import MemoryIndex
from tests.contracts.chunk_index import DIMENSIONS, ENGINES, chunk, direction, engine_at, ids, revision
from tests.patience import PATIENCE

OLD, NEW = "the encoder before", "the encoder in use"
SMALL = 16
"""The vectors of the encoder before are of another size: nobody can compare them by mistake."""


def of_before(document_id: str, content: str = "a parcel") -> Revision:
    vector = np.full((1, SMALL), SMALL**-0.5, np.float32)
    return Revision(
        document_id=document_id, source="folder", version=1, chunks=(chunk(document_id, content=content),), vectors=vector
    )  # fmt: skip


def asked(text: str = "parcel", seed: int = 5) -> IndexQuery:
    return IndexQuery(text=text, vector=direction(seed), source_types=("faq",), depth=3)


class IndexGenerationsContract:
    """Give ``current``, an empty index of 32 dimensions, and ``former``, one of 16."""

    async def test_the_former_one_answers_by_its_words_while_the_current_one_is_filled(
        self, current: ChunkIndex, former: ChunkIndex
    ) -> None:
        await former.write([of_before("old")])
        both = IndexGenerations(current, former)
        await both.current.write([revision("new", content="a parcel", seed=5)])
        [hit] = await both.search(asked())
        assert (ids([hit]), hit.cosine, both.by_words_alone) == (["old#0"], 0.0, True)
        assert await both.search(asked("nothing of it")) == []
        assert [one.chunk.document_id for one in await both.fetch(["old#0", "new#0"])] == ["old"]

    async def test_from_the_swap_on_the_current_one_answers_by_meaning(
        self, current: ChunkIndex, former: ChunkIndex
    ) -> None:
        await former.write([of_before("old"), of_before("older")])
        both = IndexGenerations(current, former)
        await both.current.write([revision("new", content="else", seed=5)])
        before = both.knowledge_version
        await both.swap()
        [hit] = await both.search(asked("nothing of it"))
        assert (ids([hit]), hit.cosine) == (["new#0"], pytest.approx(1.0, abs=2e-3))
        assert not both.by_words_alone
        assert both.knowledge_version > before, "what was answered from the former one is stale (M-8)"

    async def test_the_version_goes_on_growing_after_a_swap(self, current: ChunkIndex, former: ChunkIndex) -> None:
        for number in range(5):
            await former.write([of_before(f"old{number}")])
        both = IndexGenerations(current, former)
        await both.swap()
        swapped = both.knowledge_version
        await both.current.write([revision("new")])
        assert both.knowledge_version > swapped

    async def test_an_encoder_whose_index_is_whole_is_served_alone(self, current: ChunkIndex) -> None:
        alone = IndexGenerations(current)
        await alone.current.write([revision("new", seed=5)])
        await alone.swap()
        assert ids(await alone.search(asked())) == ["new#0"]
        assert (alone.by_words_alone, alone.knowledge_version) == (False, current.knowledge_version)


class TestMemory(IndexGenerationsContract):
    @pytest.fixture
    def current(self) -> MemoryIndex:
        return MemoryIndex()

    @pytest.fixture
    def former(self) -> MemoryIndex:
        return MemoryIndex()


@pytest.fixture(params=ENGINES)
async def shelf(request: pytest.FixtureRequest) -> AsyncIterator[OpenSearchGenerations]:
    async with engine_at(request.param) as (engine, name):
        yield OpenSearchGenerations(engine, name, Shape(replicas=0))


class TestOpenSearch(IndexGenerationsContract):
    @pytest.fixture
    async def current(self, shelf: OpenSearchGenerations) -> AsyncIterator[ChunkIndex]:
        opened = await (await shelf.of(DIMENSIONS, NEW)).opened(PATIENCE)
        yield opened
        await opened.close()

    @pytest.fixture
    async def former(self, shelf: OpenSearchGenerations) -> AsyncIterator[ChunkIndex]:
        opened = await (await shelf.of(SMALL, OLD)).opened(PATIENCE)
        yield opened
        await opened.close()


class TestSqlite(IndexGenerationsContract):
    @pytest.fixture
    async def current(self, tmp_path: Path) -> AsyncIterator[SqliteChunkIndex]:
        opened = await generation_of(tmp_path, DIMENSIONS, NEW).opened(PATIENCE)
        yield opened
        await opened.close()

    @pytest.fixture
    async def former(self, tmp_path: Path) -> AsyncIterator[SqliteChunkIndex]:
        opened = await generation_of(tmp_path, SMALL, OLD).opened(PATIENCE)
        yield opened
        await opened.close()


class GenerationStoreContract:
    """Give ``store``, where no generation is kept yet."""

    async def test_what_was_made_by_another_encoder_stays_as_it_is_beside_the_next_one(
        self, store: GenerationStore
    ) -> None:
        await filled(store, OLD, "old", built=True)
        await filled(store, NEW, "new", built=False)
        assert (await kept_by(store, OLD), await kept_by(store, NEW)) == (["old"], ["new"])
        assert {one.model: one.is_built for one in await store.every()} == {
            f"{OLD}/{SMALL}": True,
            f"{NEW}/{SMALL}": False,
        }

    async def test_the_whole_one_of_another_encoder_answers_meanwhile_and_no_other(
        self, store: GenerationStore
    ) -> None:
        await filled(store, "half", "page", built=False)
        new = await store.of(SMALL, NEW)
        assert await store.former_of(new) is None
        await filled(store, OLD, "old", built=True)
        former = await store.former_of(new)
        assert former is not None
        assert former.model == f"{OLD}/{SMALL}"
        assert await store.former_of(await store.of(SMALL, OLD)) is None, "nobody stands in for oneself"

    async def test_it_is_whole_for_every_process_once_it_is_marked(self, store: GenerationStore) -> None:
        new = await filled(store, NEW, "new", built=False)
        assert not (await store.of(SMALL, NEW)).is_built
        await new.mark_built()
        assert new.is_built
        assert (await store.of(SMALL, NEW)).is_built

    async def test_whoever_goes_back_is_remembered_as_the_one_that_served_last(self, store: GenerationStore) -> None:
        """Roll back: an encoder of before serves again, and of several former ones it is the one that answers meanwhile."""
        for digest in ("a", "b"):
            await filled(store, digest, f"of {digest}", built=True)
        await store.settle_on(await store.of(SMALL, "a"))
        former = await store.former_of(await store.of(SMALL, NEW))
        assert former is not None
        assert former.model == f"a/{SMALL}"

    async def test_of_many_encoders_only_the_one_that_serves_and_a_few_others_are_kept(
        self, store: GenerationStore
    ) -> None:
        for number in range(FORMER_KEPT + 2):
            await filled(store, f"encoder {number}", "page", built=True)
        await store.settle_on(await store.of(SMALL, "encoder 0"))
        models = {one.model for one in await store.every()}
        assert len(models) == FORMER_KEPT + 1
        assert f"encoder 0/{SMALL}" in models

    async def test_one_more_of_the_same_encoder_is_made_beside_and_answers_once_it_is_whole(
        self, store: GenerationStore
    ) -> None:
        first = await filled(store, NEW, "first", built=True)
        second = await written(await store.beside(first), "second")
        assert (await kept_by(store, NEW), await store.is_chosen(first)) == (["first"], True)
        assert (await store.beside(first)).name == second.name, "what was begun is gone on with"
        await second.mark_built()
        assert (await kept_by(store, NEW), await store.is_chosen(first)) == (["second"], False)
        assert await store.is_chosen(second)
        assert (await store.beside(second)).name not in {first.name, second.name}

    async def test_it_is_rolled_back_to_the_one_before_and_forth_again(self, store: GenerationStore) -> None:
        first = await filled(store, NEW, "first", built=True)
        assert await store.before(first) is None
        second = await written(await store.beside(first), "second")
        assert await store.before(first) is None, "what is not whole answers for nobody"
        await second.mark_built()
        for now, then, kept in ((second, first, ["first"]), (first, second, ["second"])):
            before = await store.before(now)
            assert before is not None
            assert before.name == then.name
            await before.mark_built()
            assert await kept_by(store, NEW) == kept
            assert (await store.is_chosen(now), await store.is_chosen(then)) == (False, True)

    async def test_what_is_chosen_of_one_encoder_changes_nothing_for_another(self, store: GenerationStore) -> None:
        old = await filled(store, OLD, "old", built=True)
        await filled(store, NEW, "first", built=True)
        assert await store.is_chosen(old)
        await (await written(await store.beside(old), "old again")).mark_built()
        assert await kept_by(store, NEW) == ["first"]
        former = await store.former_of(await store.of(SMALL, NEW))
        assert former is not None
        assert former.model == old.model

    async def test_who_follows_goes_over_to_the_one_that_was_chosen_and_back_and_never_stands_without(
        self, store: GenerationStore
    ) -> None:
        first = await filled(store, NEW, "first", built=True)
        following = FollowedIndex(store, SMALL, NEW, PATIENCE)
        second = await written(await store.beside(first), "second")
        versions: list[int] = []
        for chosen, found in ((None, ["first#0"]), (second, ["second#0"]), (first, ["first#0"])):
            if chosen is not None:
                await chosen.mark_built()
            await following.refresh()
            assert ids(await following.shown.search(WORDED)) == found
            versions.append(following.shown.knowledge_version)
        await following.shown.close()
        assert versions == sorted(set(versions)), "what was answered from another one is stale (M-8)"


WORDED = IndexQuery(text="parcel", vector=None, source_types=("faq",), depth=3)


async def filled(store: GenerationStore, digest: str, document: str, *, built: bool) -> Generation:
    generation = await written(await store.of(SMALL, digest), document)
    if built:
        await generation.mark_built()
    return generation


async def written(generation: Generation, document: str) -> Generation:
    index = await generation.opened(PATIENCE)
    await index.write([of_before(document)])
    await index.close()
    return generation


async def kept_by(store: GenerationStore, digest: str) -> list[str]:
    index = await (await store.of(SMALL, digest)).opened(PATIENCE)
    found = await index.versions("folder")
    await index.close()
    return sorted(found)


class TestSqliteGenerations(GenerationStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> SqliteGenerations:
        return SqliteGenerations(tmp_path)


class TestOpenSearchGenerations(GenerationStoreContract):
    @pytest.fixture
    def store(self, shelf: OpenSearchGenerations) -> OpenSearchGenerations:
        return shelf

    async def test_generations_of_a_longer_name_are_somebody_elses(self, shelf: OpenSearchGenerations) -> None:
        """Two stores may keep their knowledge in one engine: `shop` must not remove what is of `shop-two`."""
        other = OpenSearchGenerations(shelf._engine, f"{shelf._name}-two", Shape(replicas=0))
        await filled(other, OLD, "theirs", built=True)
        assert await shelf.every() == []
        assert await shelf.former_of(await shelf.of(SMALL, NEW)) is None


async def made(folder: Path, digest: str, *documents: str, built: bool = True) -> IndexGeneration:
    """A generation of 16 dimensions with these documents."""
    generation = generation_of(folder, SMALL, digest)
    index = await generation.opened(PATIENCE)
    await index.write([of_before(one) for one in documents])
    await index.close()
    if built:
        generation.built.touch()
    return generation


async def held(generation: IndexGeneration) -> list[str]:
    index = await generation.opened(PATIENCE)
    found = await index.versions("folder")
    await index.close()
    return sorted(found)


async def test_the_index_of_an_earlier_version_is_the_generation_of_its_encoder(tmp_path: Path) -> None:
    index = await SqliteChunkIndex.open(tmp_path, SMALL, OLD)
    await index.write([of_before("old")])
    await index.close()
    assert await held(generation_of(tmp_path, SMALL, OLD)) == ["old"]


async def test_another_encoder_gets_a_folder_of_its_own_and_leaves_the_former_one_as_it_is(tmp_path: Path) -> None:
    old = await made(tmp_path, OLD, "old")
    new = await made(tmp_path, NEW, "new", built=False)
    assert new.folder != old.folder
    assert former_of(new, tmp_path) == old
    assert (await held(old), await held(new)) == (["old"], ["new"])


async def test_whoever_goes_back_to_the_former_encoder_finds_all_of_it_there(tmp_path: Path) -> None:
    old = await made(tmp_path, OLD, "old")
    await made(tmp_path, NEW, "new")
    back = generation_of(tmp_path, SMALL, OLD)
    assert (back, back.is_built) == (old, True)
    assert await held(back) == ["old"]


async def test_what_is_not_whole_answers_for_nobody(tmp_path: Path) -> None:
    await made(tmp_path, OLD, "old", built=False)
    assert former_of(generation_of(tmp_path, SMALL, NEW), tmp_path) is None


async def test_of_several_former_ones_that_answers_which_served_last(tmp_path: Path) -> None:
    first = await made(tmp_path, "a", "of a")
    second = await made(tmp_path, "b", "of b")
    for generation, when in ((first, 2_000_000_000), (second, 1_000_000_000)):
        for file in (generation.built, generation.folder / "knowledge.db"):
            os.utime(file, (when, when))
    assert former_of(generation_of(tmp_path, SMALL, NEW), tmp_path) == first
    settle_on(second, tmp_path)
    os.utime(first.built, (1_000_000_000,) * 2)
    os.utime(first.folder / "knowledge.db", (1_000_000_000,) * 2)
    assert former_of(generation_of(tmp_path, SMALL, NEW), tmp_path) == second


async def test_of_many_encoders_that_were_tried_only_the_last_few_are_kept(tmp_path: Path) -> None:
    tried = [await made(tmp_path, f"encoder {number}", "page") for number in range(FORMER_KEPT + 3)]
    for number, generation in enumerate(tried):
        for file in (generation.built, generation.folder / "knowledge.db"):
            os.utime(file, (1_000_000_000 + number,) * 2)
    settle_on(tried[-1], tmp_path)
    assert {one.model for one in generations(tmp_path)} == {one.model for one in tried[-1 - FORMER_KEPT :]}
    assert not list(tmp_path.glob("knowledge.db*")), "the first one lay in the folder itself"
    assert generation_of(tmp_path, SMALL, "a new one").folder == tmp_path


async def test_vectors_of_another_encoder_are_never_taken_for_ones_own(tmp_path: Path) -> None:
    old = await made(tmp_path, OLD, "old")
    with pytest.raises(StartFailed, match="another encoder"):
        await SqliteChunkIndex.open(old.folder, SMALL, NEW)
    assert await held(old) == ["old"]


async def test_a_generation_that_cannot_be_read_stops_the_start_and_says_what_to_move(tmp_path: Path) -> None:
    old = await made(tmp_path, OLD, "old")
    (old.folder / "knowledge.db").write_bytes(b"\xff" * 5000)
    with pytest.raises(StartFailed, match=r"knowledge\.db.*[Mm]ove"):
        generation_of(tmp_path, SMALL, NEW)


async def test_a_process_killed_while_it_fills_the_next_one_loses_nothing_of_either(tmp_path: Path) -> None:
    """``kill -9``: the former one answers as before, and the next one goes on with all that was acknowledged."""
    old = await made(tmp_path, OLD, "old")
    filling = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(FILLING), str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert filling.stdout is not None
    acknowledged = [filling.stdout.readline().strip() for _ in range(8)]
    os.kill(filling.pid, signal.SIGKILL)
    acknowledged += filling.stdout.read().split()
    filling.wait(10)
    new = generation_of(tmp_path, SMALL, NEW)
    assert (new.is_built, former_of(new, tmp_path)) == (False, old)
    assert await held(old) == ["old"]
    assert set(acknowledged) <= set(await held(new))


FILLING = """
    import asyncio, sys
    from pathlib import Path
    from mangaassist.stores.sqlite.index_generations import generation_of
    from tests.contracts.test_index_generations import NEW, SMALL, of_before

    async def fill():
        index = await generation_of(Path(sys.argv[1]), SMALL, NEW).opened(1)
        for number in range(100_000):
            await index.write([of_before(f"d{number}")])
            print(f"d{number}", flush=True)

    asyncio.run(fill())
"""
