"""What every chunk index does (K-1 to K-4); each adapter inherits the suite."""

import contextlib
import os
import secrets
from collections.abc import AsyncGenerator, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from mangaassist.domain.chunks import Chunk, SourceType
from mangaassist.domain.encoding import Vector
from mangaassist.knowledge.index import ChunkFilter, ChunkIndex, IndexHit, IndexQuery, Revision, Unstorable
from mangaassist.stores.opensearch.engine import Engine
from mangaassist.testing.opensearch_server import OpenSearchServer
from tests.patience import PATIENCE

DIMENSIONS = 32
WHEN = datetime(2026, 11, 1, 12, tzinfo=UTC)


def direction(number: int) -> Vector:
    """A unit vector of its own for every number, float32 [32]."""
    vector = np.random.default_rng(number).normal(size=DIMENSIONS).astype(np.float32)
    return vector / np.linalg.norm(vector)


def chunk(document_id: str, number: int = 0, content: str = "words", source_type: SourceType = "faq") -> Chunk:
    return Chunk(
        chunk_id=f"{document_id}#{number}", document_id=document_id, title=f"Page {document_id}", content=content,
        source_type=source_type, category="c", last_updated=WHEN, version=1,
    )  # fmt: skip


def revision(
    document_id: str, version: int = 1, content: str = "words", seed: int = 1, source_type: SourceType = "faq",
    family: str = "", source: str = "folder", aliases: tuple[str, ...] = (),
) -> Revision:  # fmt: skip
    return Revision(
        document_id=document_id, source=source, version=version, family=family, aliases=aliases,
        chunks=(chunk(document_id, content=content, source_type=source_type),), vectors=direction(seed)[None, :],
    )  # fmt: skip


def of(
    document_id: str, seed: int, content: str = "parcel", source_type: SourceType = "product", asin: str | None = None,
    category: str = "", language: str = "", family: str = "", version: int = 1,
) -> Revision:  # fmt: skip
    """A document of one chunk, with what a filter looks at."""
    plain = chunk(document_id, content=content, source_type=source_type)
    told = structs.replace(plain, asin=asin, category=category, language=language)
    return Revision(
        document_id=document_id, source="catalog", version=version, family=family, chunks=(told,),
        vectors=direction(seed)[None, :],
    )  # fmt: skip


async def only(index: ChunkIndex, text: str, seed: int | None, depth: int = 5, **wanted: str) -> list[str]:
    """What a filter lets be found among products, reviews and faq, by words alone or by meaning alone."""
    query = IndexQuery(
        text=text, vector=None if seed is None else direction(seed), source_types=("product", "reviews", "faq"),
        depth=depth, only=ChunkFilter(**wanted),
    )  # fmt: skip
    return ids(await index.search(query))


def removal(document_id: str, version: int) -> Revision:
    return Revision(document_id=document_id, source="folder", version=version)


def ids(hits: Iterable[IndexHit]) -> list[str]:
    return [hit.stored.chunk.chunk_id for hit in hits]


async def nearest(
    index: ChunkIndex, vector: Vector, source_types: Sequence[SourceType], depth: int, per_family: int | None = None
) -> Sequence[IndexHit]:
    return await index.search(
        IndexQuery(text="", vector=vector, source_types=tuple(source_types), depth=depth, per_family=per_family)
    )


async def matching(
    index: ChunkIndex, text: str, source_types: Sequence[SourceType], depth: int, per_family: int | None = None
) -> Sequence[IndexHit]:
    return await index.search(
        IndexQuery(text=text, vector=None, source_types=tuple(source_types), depth=depth, per_family=per_family)
    )


class ChunkIndexContract:
    """Give ``index``, an empty index of 32 dimensions."""

    async def test_a_written_chunk_is_found_by_meaning_and_by_words(self, index: ChunkIndex) -> None:
        assert await index.write([revision("returns", content="Send the parcel back.", seed=5)]) == (True,)
        assert ids(await nearest(index, direction(5), ["faq"], 3)) == ["returns#0"]
        assert ids(await matching(index, "parcel?", ["faq"], 3)) == ["returns#0"]

    async def test_one_search_finds_what_is_near_and_what_shares_words(self, index: ChunkIndex) -> None:
        await index.write(
            [revision("near", seed=5), revision("other", seed=6), revision("named", content="a parcel", seed=7)]
        )
        query = IndexQuery(text="parcel?", vector=direction(5), source_types=("faq",), depth=1)
        near, named = await index.search(query)
        assert ids([near, named]) == ["near#0", "named#0"]
        assert (near.cosine, near.lexical) == (pytest.approx(1.0, abs=2e-3), 0.0)
        assert named.cosine == pytest.approx(float(direction(5) @ direction(7)), abs=2e-3)
        assert named.lexical > 0

    async def test_without_a_vector_words_alone_are_searched_best_first(self, index: ChunkIndex) -> None:
        await index.write(
            [
                revision("once", content="a parcel and many other words beside it", seed=5),
                revision("twice", content="parcel parcel", seed=6),
                revision("never", content="nothing", seed=7),
                *(revision(f"d{n}", content="else", seed=n) for n in range(20, 30)),
            ]
        )
        hits = await matching(index, "parcel", ["faq"], 3)
        assert ids(hits) == ["twice#0", "once#0"]
        assert [hit.cosine for hit in hits] == [0.0, 0.0]
        assert hits[0].lexical > hits[1].lexical > 0

    async def test_a_chunk_that_both_ways_find_comes_once_with_both_scores(self, index: ChunkIndex) -> None:
        await index.write(
            [revision("d", content="parcel", seed=5), *(revision(f"x{n}", seed=n) for n in range(20, 30))]
        )
        query = IndexQuery(text="parcel", vector=direction(5), source_types=("faq",), depth=3)
        first, *others = await index.search(query)
        assert first.cosine == pytest.approx(1.0, abs=2e-3)
        assert first.lexical > 0
        assert "d#0" not in ids(others)

    async def test_words_weigh_alike_in_a_large_and_in_a_small_source_type(self, index: ChunkIndex) -> None:
        large = [revision(f"f{n}", content="else") for n in range(200)]
        small = [revision(f"p{n}", content="else", source_type="policy") for n in range(20)]
        both = [revision("f", content="parcel"), revision("p", content="parcel", source_type="policy")]
        await index.write([*large, *small, *both])
        one, other = await matching(index, "parcel", ["faq", "policy"], 2)
        assert one.lexical == pytest.approx(other.lexical, rel=0.3)

    async def test_what_words_gave_before_a_change_is_not_given_after_it(self, index: ChunkIndex) -> None:
        await index.write([revision(f"d{n}", content="parcel") for n in range(3)])
        assert len(await matching(index, "parcel", ["faq"], 5)) == 3
        await index.write([removal("d1", 2), revision("d2", 2, content="else"), revision("d3", content="parcel")])
        assert sorted(ids(await matching(index, "parcel", ["faq"], 5))) == ["d0#0", "d3#0"]

    async def test_a_chunk_comes_back_as_it_was_written(self, index: ChunkIndex) -> None:
        written = revision("returns", content="Zurück — 進撃の巨人 🎌", seed=5, family="f")
        await index.write([written])
        [stored] = await index.fetch(["nothing#0", "returns#0"])
        assert stored.chunk == written.chunks[0]
        assert stored.family == "f"
        np.testing.assert_allclose(stored.vector, direction(5), atol=1e-3)

    async def test_chunks_are_fetched_in_the_order_asked_for(self, index: ChunkIndex) -> None:
        await index.write([revision(name) for name in "abc"])
        assert [one.chunk.document_id for one in await index.fetch(["c#0", "a#0", "b#0"])] == ["c", "a", "b"]

    async def test_the_cosine_is_the_score(self, index: ChunkIndex) -> None:
        await index.write([revision("near", seed=5), revision("far", seed=6)])
        hits = await nearest(index, direction(5), ["faq"], 2)
        assert [hit.cosine for hit in hits] == pytest.approx([1.0, float(direction(5) @ direction(6))], abs=2e-3)

    async def test_a_new_version_replaces_text_and_vector_together(self, index: ChunkIndex) -> None:
        await index.write([revision("returns", 1, "thirty days", seed=5)])
        await index.write([revision("returns", 2, "sixty weeks", seed=6)])
        assert await matching(index, "thirty days", ["faq"], 3) == []
        assert ids(await matching(index, "sixty weeks", ["faq"], 3)) == ["returns#0"]
        assert [hit.cosine for hit in await nearest(index, direction(6), ["faq"], 3)] == pytest.approx([1.0], abs=2e-3)

    async def test_a_shorter_version_leaves_no_chunk_of_the_longer_one(self, index: ChunkIndex) -> None:
        long = Revision(
            document_id="d", source="s", version=1, chunks=(chunk("d", 0), chunk("d", 1, "tail")),
            vectors=np.stack([direction(1), direction(2)]),
        )  # fmt: skip
        await index.write([long])
        await index.write([revision("d", 2)])
        assert await index.fetch(["d#1"]) == []
        assert (await index.stats()).chunks == {"faq": 1}

    @pytest.mark.parametrize("late", [1, 2])
    async def test_a_late_or_repeated_version_changes_nothing(self, index: ChunkIndex, late: int) -> None:
        await index.write([revision("returns", 2, "sixty days")])
        version = index.knowledge_version
        assert await index.write([revision("returns", late, "thirty days")]) == (False,)
        assert (await index.fetch(["returns#0"]))[0].chunk.content == "sixty days"
        assert index.knowledge_version == version

    async def test_what_was_removed_is_not_brought_back_by_a_late_update(self, index: ChunkIndex) -> None:
        await index.write([revision("returns", 1)])
        assert await index.write([removal("returns", 3)]) == (True,)
        assert await index.write([revision("returns", 2)]) == (False,)
        assert await nearest(index, direction(1), ["faq"], 3) == []
        assert await matching(index, "words", ["faq"], 3) == []
        assert await index.versions("folder") == {}
        assert await index.newest(["returns", "unknown"]) == {"returns": 3}

    async def test_a_removal_of_the_version_that_is_kept_removes_it(self, index: ChunkIndex) -> None:
        await index.write([revision("returns", 1)])
        assert await index.write([removal("returns", 1)]) == (True,)
        assert await index.fetch(["returns#0"]) == []
        assert await index.write([removal("returns", 1)]) == (False,)

    async def test_replaced_versions_take_no_place_in_a_short_list(self, index: ChunkIndex) -> None:
        for version in range(1, 12):
            await index.write([revision("returns", version, "parcel", seed=5)])
        assert ids(await matching(index, "parcel", ["faq"], 1)) == ["returns#0"]
        assert ids(await nearest(index, direction(5), ["faq"], 1)) == ["returns#0"]

    async def test_a_removal_can_come_before_what_it_removes(self, index: ChunkIndex) -> None:
        assert await index.write([removal("returns", 3), revision("returns", 3)]) == (True, False)

    async def test_a_removed_document_returns_with_a_newer_version(self, index: ChunkIndex) -> None:
        await index.write([revision("returns", 1), removal("returns", 1), revision("returns", 2)])
        assert await index.versions("folder") == {"returns": 2}

    async def test_source_types_are_searched_apart(self, index: ChunkIndex) -> None:
        await index.write([revision(f"B{n}", seed=7, content="parcel", source_type="product") for n in range(40)])
        await index.write([revision("faq", seed=8, content="parcel")])
        assert ids(await nearest(index, direction(7), ["faq"], 3)) == ["faq#0"]
        assert ids(await matching(index, "parcel", ["faq"], 3)) == ["faq#0"]

    async def test_a_filter_by_product_finds_what_is_of_it_however_far_away(self, index: ChunkIndex) -> None:
        """K-2: a filter is no sieve behind the search: what does not pass takes nobody's place."""
        others = [of(f"B{n}", seed=7, asin=f"B{n}", category="naruto") for n in range(60)]
        await index.write(
            [*others, of("far", seed=8, content="a parcel", asin="FAR"), of("page", 9, source_type="faq")]
        )
        assert await only(index, "", 7, 2, asin="FAR") == ["far#0"]
        assert await only(index, "parcel", None, 2, asin="FAR") == ["far#0"]

    async def test_a_filter_by_series_finds_its_products_and_reviews_alone(self, index: ChunkIndex) -> None:
        """The category of a page is a topic: one that is called as a series is not of it."""
        await index.write(
            [
                *(of(f"B{n}", seed=7, category="naruto") for n in range(40)),
                of("volume", seed=8, category="monster"),
                of("readers", seed=9, category="monster", source_type="reviews"),
                of("page", seed=7, category="monster", source_type="faq"),
            ]
        )
        assert await only(index, "", 8, series_id="monster") == ["volume#0", "readers#0"]
        assert set(await only(index, "parcel", None, series_id="monster")) == {"volume#0", "readers#0"}
        assert await only(index, "parcel", None, series_id="") == []

    async def test_a_filter_by_language_passes_what_has_none(self, index: ChunkIndex) -> None:
        await index.write(
            [
                *(of(f"d{n}", seed=7, source_type="faq", language="de") for n in range(40)),
                of("english", seed=8, source_type="faq", language="en"),
                of("any", seed=9, source_type="faq"),
            ]
        )
        assert set(await only(index, "", 7, 2, language="en")) == {"english#0", "any#0"}
        assert set(await only(index, "parcel", None, 2, language="en")) == {"english#0", "any#0"}
        assert len(await only(index, "", 7, 50, language="de")) == 41

    async def test_a_filter_holds_in_every_part_at_once(self, index: ChunkIndex) -> None:
        rows = [("one", "A", "monster", "en"), ("two", "A", "monster", "de"), ("three", "B", "monster", "en")]
        await index.write([of(name, 7, asin=asin, category=s, language=code) for name, asin, s, code in rows])
        assert await only(index, "parcel", 7, asin="A", series_id="monster", language="en") == ["one#0"]

    async def test_a_filter_follows_what_changes(self, index: ChunkIndex) -> None:
        await index.write([of("d", seed=7, asin="A", language="de"), of("e", seed=8, asin="A", language="de")])
        await index.write([of("d", seed=7, asin="B", language="en", version=2), removal("e", 2)])
        assert await only(index, "parcel", 7, asin="A") == []
        assert await only(index, "parcel", 7, asin="B", language="en") == ["d#0"]

    async def test_a_filter_changes_no_score(self, index: ChunkIndex) -> None:
        await index.write([of(f"d{n}", seed=n, asin=f"d{n}", content="parcel" if n < 3 else "else") for n in range(30)])
        query = IndexQuery(text="parcel", vector=direction(1), source_types=("product",), depth=30)
        plain = {hit.stored.chunk.chunk_id: (hit.cosine, hit.lexical) for hit in await index.search(query)}
        [hit] = await index.search(structs.replace(query, only=ChunkFilter(asin="d2")))
        assert (hit.cosine, hit.lexical) == pytest.approx(plain["d2#0"])

    async def test_a_filter_leaves_few_of_each_family(self, index: ChunkIndex) -> None:
        volumes = [of(f"v{n}", seed=7, category="monster", family="monster") for n in range(9)]
        await index.write([*volumes, of("loose", seed=8, category="monster")])
        query = IndexQuery(
            text="", vector=direction(7), source_types=("product",), depth=5, per_family=1,
            only=ChunkFilter(series_id="monster"),
        )  # fmt: skip
        assert len(await index.search(query)) == 2

    async def test_a_large_family_leaves_room_for_the_others(self, index: ChunkIndex) -> None:
        volumes = [revision(f"one-piece-{n}", seed=7, content="pirate", family="one-piece") for n in range(300)]
        await index.write([*volumes, revision("black-lagoon", seed=8, content="a pirate of old", family="lagoon")])
        for hits in (
            await nearest(index, direction(7), ["faq"], 2, per_family=1),
            await matching(index, "pirate", ["faq"], 2, per_family=1),
        ):
            assert len(hits) == 2
            assert "black-lagoon#0" in ids(hits)

    async def test_documents_without_a_family_do_not_push_each_other_out(self, index: ChunkIndex) -> None:
        await index.write([revision(f"d{n}", seed=7) for n in range(5)])
        assert len(await nearest(index, direction(7), ["faq"], 5, per_family=1)) == 5

    async def test_a_rare_word_counts_for_more_than_a_common_one(self, index: ChunkIndex) -> None:
        common = [revision(f"d{n}", content="shipping of books") for n in range(20)]
        await index.write([*common, revision("rare", content="customs of books")])
        assert ids(await matching(index, "books customs shipping", ["faq"], 5))[0] == "rare#0"

    async def test_words_are_found_in_other_forms_and_cases(self, index: ChunkIndex) -> None:
        await index.write([revision("d", content="Returning an order is free."), revision("e", content="nothing")])
        assert ids(await matching(index, "RETURNED orders", ["faq"], 5)) == ["d#0"]

    async def test_an_alias_finds_its_document(self, index: ChunkIndex) -> None:
        await index.write([revision("titan", aliases=("進撃の巨人",)), revision("other")])
        assert ids(await matching(index, "すみません、進撃の巨人はありますか", ["faq"], 5)) == ["titan#0"]

    @pytest.mark.parametrize(
        "text",
        ['"', "a OR", "NEAR(parcel", "parcel*", "title:parcel", "-parcel", "'; DROP TABLE chunks; --", "{x y}:z", "^parcel",
         "\0", "", "?!", "²½ ൏ 𝟘", "AND NOT OR", "x" * 2000, "parcel\u0301"],
    )  # fmt: skip
    async def test_hostile_text_is_only_words(self, index: ChunkIndex, text: str) -> None:
        await index.write([revision("d", content="a parcel"), revision("e", content="else")])
        hits = await matching(index, text, ["faq", "policy"], 5)
        assert set(ids(hits)) <= {"d#0"}

    @given(text=st.text(max_size=200))
    @settings(
        max_examples=60,
        deadline=None,
        # The index is only searched, and each class that inherits the suite has its own.
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
    )
    async def test_any_text_can_be_searched_for(self, index: ChunkIndex, text: str) -> None:
        await matching(index, text, ["faq"], 5)

    async def test_the_knowledge_version_grows_with_every_change(self, index: ChunkIndex) -> None:
        seen = [index.knowledge_version]
        for change in (revision("a", 1), revision("a", 2), removal("a", 3)):
            await index.write([change])
            seen.append(index.knowledge_version)
        assert seen == sorted(set(seen))

    async def test_versions_are_told_by_source(self, index: ChunkIndex) -> None:
        await index.write([revision("a", 4, source="folder"), revision("b", 5, source="catalog")])
        assert await index.versions("catalog") == {"b": 5}

    async def test_vectors_that_do_not_fit_are_refused_before_anything_is_written(self, index: ChunkIndex) -> None:
        wrong = Revision(
            document_id="bad", source="s", version=1, chunks=(chunk("bad"),),
            vectors=np.full((1, DIMENSIONS), np.nan, np.float32),
        )  # fmt: skip
        with pytest.raises(ValueError, match="bad"):
            await index.write([revision("good"), wrong])
        assert (await index.stats()).documents == 0

    async def test_a_document_that_can_never_be_kept_is_named_and_all_others_are_written(
        self, index: ChunkIndex
    ) -> None:
        """K-4: text that no store can hold; the version that was kept of it stays, and nothing of the new one."""
        await index.write([revision("bad", 1), revision("late", 2)])
        chunks = (chunk("bad"), structs.replace(chunk("bad", 1), asin="\ud800"))
        poison = Revision(
            document_id="bad", source="folder", version=2, chunks=chunks, vectors=np.stack([direction(2)] * 2)
        )
        with pytest.raises(Unstorable) as caught:
            await index.write([revision("good"), poison, revision("late", 1), revision("last")])
        assert caught.value.taken == (True, False, False, True)
        assert {one: failure.kind for one, failure in caught.value.refused.items()} == {"bad": "contract"}
        assert await index.newest(["good", "bad", "last"]) == {"good": 1, "bad": 1, "last": 1}
        assert [one.chunk.chunk_id for one in await index.fetch(["bad#0", "bad#1"])] == ["bad#0"]
        assert await index.write([revision("bad", 3)]) == (True,)

    async def test_how_far_a_feed_was_read_is_kept_beside_what_was_made_of_it(self, index: ChunkIndex) -> None:
        await index.write([revision("a")])
        before = await index.stats()
        assert await index.cursor("catalog") == ""
        for cursor in ("17", '{"shards": "\'é"}'):
            await index.keep_cursor("catalog", cursor)
            assert await index.cursor("catalog") == cursor
        assert await index.cursor("another") == ""
        assert await index.stats() == before, "it is no document"
        assert ids(await matching(index, "words", ["faq"], 5)) == ["a#0"]

    async def test_consolidating_loses_nothing(self, index: ChunkIndex) -> None:
        await index.write([revision(f"d{n}", content=f"word{n}", seed=n) for n in range(700)])
        await index.write([removal("d5", 2)])
        await index.consolidate()
        assert ids(await nearest(index, direction(17), ["faq"], 1)) == ["d17#0"]
        assert "d5#0" not in ids(await nearest(index, direction(5), ["faq"], 700))
        assert (await index.stats()).documents == 699


ENGINES = ["loopback", *filter(None, [os.environ.get("MANGAASSIST_TEST_OPENSEARCH")])]
"""Where the distributed index is tested: against the server that ships, and a real one where its address is given."""


@contextlib.asynccontextmanager
async def engine_at(place: str) -> AsyncGenerator[tuple[Engine, str]]:
    """An engine, and a name that nobody else uses there; what was made under it is removed."""
    async with contextlib.AsyncExitStack() as exits:
        url = place if place != "loopback" else (await exits.enter_async_context(OpenSearchServer())).url
        engine = Engine.open(url, os.environ.get("MANGAASSIST_TEST_OPENSEARCH_LOGIN", ""), PATIENCE)
        exits.push_async_callback(engine.close)
        name = f"mangaassist-test-{secrets.token_hex(4)}"
        yield engine, name
        for index in await engine.ask("GET", f"/{name}-*", dict[str, Any]):
            await engine.ask("DELETE", f"/{index}", dict[str, Any])
