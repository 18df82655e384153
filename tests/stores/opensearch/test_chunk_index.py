"""K-3, K-4, O-5: what the chunk index in an OpenSearch does beyond the contract: limits, failures, other writers, its scale."""

import asyncio
import itertools
import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from mangaassist.domain.chunks import SourceType
from mangaassist.errors import FailureKind, ServiceFailure, StartFailed
from mangaassist.knowledge.index import IndexQuery, Revision, Unstorable
from mangaassist.stores.opensearch import bulk, chunk_index, replacing, searching
from mangaassist.stores.opensearch.chunk_documents import chunk_key, words_field
from mangaassist.stores.opensearch.chunk_index import OpenSearchChunkIndex
from mangaassist.stores.opensearch.failures import ERRORS, EngineError, refused
from mangaassist.stores.opensearch.replacing import counts, plan
from mangaassist.stores.sqlite.chunk_index import SqliteChunkIndex
from mangaassist.testing.opensearch_server import OpenSearchServer
from tests.contracts.chunk_index import (
    DIMENSIONS,
    chunk,
    direction,
    ids,
    matching,
    nearest,
    removal,
    revision,
)
from tests.patience import PATIENCE
from tests.stores.opensearch.conftest import Opened

PARCEL = IndexQuery(text="parcel", vector=direction(5), source_types=("faq",), depth=3)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody waits for an engine to have room; how long would have been waited is noted."""
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(bulk.tried, "__kwdefaults__", (bulk.tried.__kwdefaults__ or {}) | {"pause": pause})
    return waited


def longer(document_id: str, version: int, chunks: int) -> Revision:
    """A document of several chunks."""
    return Revision(
        document_id=document_id, source="folder", version=version,
        chunks=tuple(chunk(document_id, number, f"word{version}") for number in range(chunks)),
        vectors=np.stack([direction(100 * version + number) for number in range(chunks)]),
    )  # fmt: skip


# ---- limits and back-pressure


async def test_what_a_full_engine_refused_is_sent_again_after_a_pause_and_nothing_else_is(
    server: OpenSearchServer, index: OpenSearchChunkIndex, pauses: list[float]
) -> None:
    server.full, server.asked = 3, []
    assert await index.write([revision(f"d{n}", seed=n) for n in range(10)]) == (True,) * 10
    assert len(ids(await nearest(index, direction(1), ["faq"], 20))) == 10
    bulks = [size for _, path, size in server.asked if path.endswith("_bulk")]
    assert len(bulks) == 3, "chunks, the three that were refused, heads"
    assert bulks[1] < bulks[0] / 2
    assert len(pauses) == 1


async def test_an_engine_that_stays_full_is_a_passing_failure_after_longer_and_longer_pauses(
    server: OpenSearchServer, index: OpenSearchChunkIndex, pauses: list[float]
) -> None:
    server.full = 1000
    with pytest.raises(ServiceFailure, match="too much to do") as caught:
        await index.write([revision("d")])
    assert caught.value.transient
    assert pauses == sorted(pauses)
    assert len(pauses) == len(bulk.PAUSES_S)
    server.full = 0
    assert await index.write([revision("d")]) == (True,), "what did not come to its end is simply written again"


async def test_a_whole_request_that_is_turned_away_comes_again_too(
    server: OpenSearchServer, index: OpenSearchChunkIndex, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = searching.heads

    async def then_full(*about: Any) -> Any:
        seen = await reading(*about)
        server.refusals.append((429, "circuit_breaking_exception"))
        return seen

    monkeypatch.setattr(searching, "heads", then_full)
    assert await index.write([revision("d")]) == (True,)
    assert len(pauses) == 1


async def test_bodies_are_bounded(
    server: OpenSearchServer, index: OpenSearchChunkIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BODY_BYTES", 20_000)
    server.asked.clear()
    await index.write([revision(f"d{n}", seed=n, content="word " * 200) for n in range(60)])
    bulks = [size for _, path, size in server.asked if path.endswith("_bulk")]
    assert len(bulks) > 3
    assert max(bulks) <= 20_000
    assert (await index.stats()).documents == 60


async def test_a_search_that_takes_too_long_is_a_timeout(server: OpenSearchServer, opened: Opened) -> None:
    """M-10: and the engine hears of it: the request is left."""
    index = await opened(factor=1.0)
    server.until = asyncio.Event()
    with pytest.raises(ServiceFailure, match="within 50 ms") as caught:
        await index.search(PARCEL)
    assert caught.value.kind == "timeout"
    server.until.set()


async def test_a_search_waits_in_line_for_no_longer_than_it_may(
    server: OpenSearchServer, index: OpenSearchChunkIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunk_index, "LINE_LIMIT_S", 0.0)
    index._line = asyncio.Semaphore(0)
    with pytest.raises(ServiceFailure, match="too many searches wait"):
        await index.search(PARCEL)


# ---- failures


@pytest.mark.parametrize(
    ("status", "kind_of_error", "kind"),
    [
        (429, "opensearch_rejected_execution_exception", "error"),
        (429, "something new", "error"),
        (503, "unavailable_shards_exception", "unreachable"),
        (503, "something new", "error"),
        (500, "", "error"),
        (504, "process_cluster_event_timeout_exception", "timeout"),
        (400, "parsing_exception", "contract"),
        (404, "index_not_found_exception", "contract"),
        (401, "", "unauthenticated"),
        (403, "security_exception", "unauthenticated"),
        (403, "cluster_block_exception", "error"),
        (418, "", "rejected"),
    ],
)
async def test_what_the_engine_answers_becomes_a_failure_of_ours(
    server: OpenSearchServer, index: OpenSearchChunkIndex, status: int, kind_of_error: str, kind: FailureKind
) -> None:
    server.refusals.append((status, kind_of_error))
    with pytest.raises(ServiceFailure) as caught:
        await index.search(PARCEL)
    assert (caught.value.service, caught.value.kind) == ("knowledge", kind)
    assert "as told" not in str(caught.value), "a reason may quote what was asked"


def test_every_error_that_the_server_can_answer_has_a_row() -> None:
    """A new one is not to be guessed by its status."""
    modules = [files("mangaassist.testing").joinpath(f"opensearch_{name}.py") for name in ("index", "server", "wire")]
    known = {kind for module in modules for kind in re.findall(r'"(\w+_exception)"', module.read_text())}
    assert len(known) > 8
    assert known <= ERRORS.keys()


@pytest.mark.parametrize("status", range(400, 600))
def test_every_status_has_a_meaning(status: int) -> None:
    assert refused("knowledge", status, EngineError("something new")).kind in get_args(FailureKind)
    assert refused("knowledge", status, "a proxy's own words").detail == f"HTTP {status}"


async def test_a_reply_that_breaks_off_is_no_answer(server: OpenSearchServer, index: OpenSearchChunkIndex) -> None:
    server.cut = 1
    with pytest.raises(ServiceFailure) as caught:
        await index.search(PARCEL)
    assert caught.value.kind == "unreachable"
    assert await index.search(PARCEL) == []


async def test_what_some_shards_could_not_answer_is_no_answer(
    server: OpenSearchServer, index: OpenSearchChunkIndex
) -> None:
    """The best page may be theirs: an answer from the rest would be wrong, and thinner is better than wrong."""
    server.failed_shards = 1
    with pytest.raises(ServiceFailure, match="1 shards"):
        await index.search(PARCEL)
    with pytest.raises(ServiceFailure, match="no copy"):
        await index.ping()


async def test_an_engine_that_is_away_is_unreachable_and_comes_back(
    server: OpenSearchServer, index: OpenSearchChunkIndex
) -> None:
    await index.write([revision("d", content="parcel", seed=5)])
    await server._runner.cleanup()
    for asking in (index.search(PARCEL), index.ping(), index.write([revision("e")])):
        with pytest.raises(ServiceFailure) as caught:
            await asking
        assert caught.value.kind == "unreachable"


async def test_a_start_without_an_engine_says_what_to_do_and_shows_no_login(
    server: OpenSearchServer, opened: Opened
) -> None:
    server.login = "writer:right"
    with pytest.raises(StartFailed, match=r"opensearch\.login_env") as caught:
        await opened(login="writer:wrong")
    assert "wrong" not in str(caught.value)
    index = await opened(login="writer:right")
    await index.ping()


# ---- several writers


async def test_what_one_process_wrote_every_other_finds_at_once_and_hears_of(opened: Opened) -> None:
    """O-7: what ``write`` acknowledged is found, whoever searches; and answers from before are stale (M-8)."""
    one, other = await opened(), await opened()
    before = other.knowledge_version
    await one.write([revision("d", content="parcel", seed=5)])
    assert ids(await other.search(PARCEL)) == ["d#0"]
    await other.look()
    assert other.knowledge_version == one.knowledge_version > before


async def test_a_process_looks_again_by_itself(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunk_index, "LOOK_EVERY_S", 0.001)
    one, other = await opened(), await opened()
    await one.write([revision("d")])
    async with asyncio.timeout(PATIENCE):
        while other.knowledge_version != one.knowledge_version:
            await asyncio.sleep(0)


async def test_a_writer_that_another_one_overtakes_changes_nothing_and_leaves_nothing_behind(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """K-4: between what a late writer read and what it writes, a newer version with fewer chunks comes to stand."""
    late, newer = await opened(), await opened()
    await late.write([longer("d", 1, 1)])
    reading, others = searching.heads, iter([longer("d", 3, 2)])

    async def overtaken(*about: Any) -> Any:
        seen = await reading(*about)
        for one in others:
            await newer.write([one])
        return seen

    monkeypatch.setattr(searching, "heads", overtaken)
    version = newer.knowledge_version
    assert await late.write([longer("d", 2, 5)]) == (False,)
    assert ids(await nearest(newer, direction(300), ["faq"], 20)) == ["d#0", "d#1"]
    assert {hit.stored.chunk.content for hit in await nearest(newer, direction(300), ["faq"], 20)} == {"word3"}
    assert newer.knowledge_version > version


async def test_the_newer_writer_wins_too_when_it_is_the_one_that_is_overtaken(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer, late = await opened(), await opened()
    reading, others = searching.heads, iter([longer("d", 2, 5)])

    async def overtaken(*about: Any) -> Any:
        seen = await reading(*about)
        for one in others:
            await late.write([one])
        return seen

    monkeypatch.setattr(searching, "heads", overtaken)
    assert await newer.write([longer("d", 3, 2)]) == (True,)
    assert ids(await nearest(late, direction(300), ["faq"], 20)) == ["d#0", "d#1"]
    assert await late.newest(["d"]) == {"d": 3}


async def test_who_dies_between_chunks_and_head_has_acknowledged_nothing_and_the_next_try_is_whole(
    server: OpenSearchServer, index: OpenSearchChunkIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    await index.write([longer("d", 1, 3)])
    replacing = OpenSearchChunkIndex._send

    async def dying(self: OpenSearchChunkIndex, operations: Sequence[Any], *, refresh: bool = False) -> list[bool]:
        if refresh:
            raise ServiceFailure("knowledge", "unreachable")
        return await replacing(self, operations, refresh=refresh)

    monkeypatch.setattr(OpenSearchChunkIndex, "_send", dying)
    with pytest.raises(ServiceFailure):
        await index.write([longer("d", 2, 2)])
    assert {hit.stored.chunk.content for hit in await nearest(index, direction(100), ["faq"], 9)} == {"word1"}, (
        "nobody has refreshed: searches see the version before, whole"
    )
    monkeypatch.undo()
    assert await index.write([longer("d", 2, 2)]) == (True,)
    assert [hit.stored.chunk.content for hit in await nearest(index, direction(200), ["faq"], 9)] == ["word2"] * 2


@given(
    events=st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(1, 4), st.booleans()), min_size=1, max_size=12
    ).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some + some[: len(some) // 2])))
)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors])
async def test_events_shuffled_and_doubled_among_two_writers_end_in_the_same_index(
    events: tuple[list[tuple[str, int, bool]], list[tuple[str, int, bool]]], opened: Opened
) -> None:
    """K-4: every event is idempotent and ordered by its version, whoever brings it."""
    in_order, shuffled = events
    writers = [await opened(), await opened()]
    run = f"{next(RUNS)}-"
    for number, (name, version, is_removal) in enumerate(shuffled):
        made = removal(run + name, version) if is_removal else longer(run + name, version, version)
        await writers[number % 2].write([made])
    for name in {name for name, _, _ in in_order}:
        version, is_removed = max((version, is_removal) for one, version, is_removal in in_order if one == name)
        chunks = [f"{run}{name}#{number}" for number in range(5)]
        kept = [one.chunk.chunk_id for one in await writers[0].fetch(chunks)]
        assert kept == ([] if is_removed else chunks[:version])
        assert await writers[1].newest([run + name]) == {run + name: version}


RUNS = itertools.count()


@given(kept=st.none() | st.tuples(st.integers(0, 3), st.booleans()), version=st.integers(0, 3), removes=st.booleans())
def test_a_revision_counts_by_its_version_and_a_removal_by_the_version_that_it_removes(
    kept: tuple[int, bool] | None, version: int, removes: bool
) -> None:
    one = removal("d", version) if removes else revision("d", version)
    assert counts(one, kept) == (kept is None or ((version, removes) > kept and (version > kept[0] or removes)))
    assert plan([one, one], {}).taken == (True, False)


# ---- what is kept, and what scores mean


def template() -> Any:
    return msgspec.json.decode(files("mangaassist.stores.opensearch").joinpath("index_template.json").read_bytes())


@pytest.mark.parametrize("source_type", get_args(SourceType))
def test_every_source_type_has_words_of_its_own_that_are_not_kept_twice(source_type: SourceType) -> None:
    mappings = template()["chunks"]["mappings"]
    assert mappings["properties"][words_field(source_type)]["type"] == "text"
    assert words_field(source_type) in mappings["_source"]["excludes"]


def test_no_refresh_comes_by_itself() -> None:
    """Searches see a document before its change or after it: only a write that has come to its end shows it."""
    assert template()["chunks"]["settings"]["index"]["refresh_interval"] == "-1"


@pytest.mark.parametrize("version", ["2.19.6", "3.2.0"])
async def test_words_score_as_in_the_embedded_index_whatever_the_engines_version(
    version: str, server: OpenSearchServer, opened: Opened, tmp_path: Path
) -> None:
    """Floors and fusion are measured on the embedded scale; the engine's own differs by version, and is measured at each start."""
    server.version = version
    distributed = await opened()
    embedded = await SqliteChunkIndex.open(tmp_path, DIMENSIONS, "model", timeout_factor=PATIENCE)
    texts = {f"d{n}": f"a page about subject{n} and what it costs to post" for n in range(300)}
    texts |= {"a": "a parcel that came late", "b": "the parcel, the parcel and another parcel", "c": "late " * 40}
    for index in (distributed, embedded):
        await index.write([revision(one, content=text) for one, text in texts.items()])
    for asked in ("parcel", "late parcel", "subject7 costs", "pages d17"):
        theirs = {hit.stored.chunk.chunk_id: hit.lexical for hit in await matching(embedded, asked, ["faq"], 5)}
        ours = {hit.stored.chunk.chunk_id: hit.lexical for hit in await matching(distributed, asked, ["faq"], 400)}
        for chunk_id, lexical in theirs.items():
            assert ours[chunk_id] == pytest.approx(lexical, rel=0.15, abs=0.02), (asked, chunk_id)
    await embedded.close()


async def test_a_long_list_asks_the_graph_for_enough_neighbours(index: OpenSearchChunkIndex) -> None:
    await index.write([revision(f"d{n}", seed=n) for n in range(30)])
    assert len(await nearest(index, direction(3), ["faq"], 25)) == 25


async def test_a_chunk_that_was_read_once_is_not_read_again(
    server: OpenSearchServer, index: OpenSearchChunkIndex
) -> None:
    await index.write([revision("d", content="parcel", seed=5)])
    await index.search(PARCEL)
    server.asked.clear()
    await index.search(PARCEL)
    assert [path.rpartition("/")[2] for _, path, _ in server.asked] == ["_msearch"]


async def test_what_was_read_of_a_chunk_is_forgotten_when_it_changes(index: OpenSearchChunkIndex) -> None:
    for version, words in ((1, "a parcel by post"), (2, "a parcel by train")):
        await index.write([revision("d", version, words, seed=5)])
        assert [hit.stored.chunk.content for hit in await index.search(PARCEL)] == [words]


async def test_more_shards_than_one_give_the_same(opened: Opened) -> None:
    index = await opened(shards=5)
    await index.write([longer(f"d{n}", n + 1, 3) for n in range(20)])
    assert ids(await nearest(index, direction(802), ["faq"], 1)) == ["d7#2"]
    assert len(await index.versions("folder")) == 20
    await index.write([removal(f"d{n}", 99) for n in range(20)])
    assert await nearest(index, direction(802), ["faq"], 5) == []


@pytest.mark.parametrize("document_id", ["ページ" * 66, "a/b c?d#e&f", '"', "\x7f"])
async def test_any_id_is_kept(index: OpenSearchChunkIndex, document_id: str) -> None:
    await index.write([revision(document_id, content="parcel", seed=5)])
    assert [hit.stored.chunk.document_id for hit in await index.search(PARCEL)] == [document_id]
    assert await index.versions("folder") == {document_id: 1}
    assert len(chunk_key(f"{document_id}#0").encode()) <= 512


async def test_many_documents_of_a_source_are_listed_page_by_page(
    index: OpenSearchChunkIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mangaassist.stores.opensearch.queries.AT_ONCE", 7)
    await index.write([revision(f"d{n:02}", n + 1) for n in range(21)])
    assert await index.versions("folder") == {f"d{n:02}": n + 1 for n in range(21)}


async def test_a_document_that_the_engine_itself_refuses_is_named_and_leaves_nothing_behind(
    server: OpenSearchServer, index: OpenSearchChunkIndex
) -> None:
    """K-4: a value that the mapping cannot take is one document's fault; the version before stays."""
    await index.write([revision("bad", 1), revision("good", 1)])
    vectors = np.stack([direction(1), direction(2)])
    poison = structs.replace(revision("bad", 2), chunks=(chunk("bad"), chunk("bad", 1)), vectors=vectors)
    written = replacing.chunks_of

    def with_a_wrong_number(one: Revision) -> dict[str, Any]:
        return {
            name: told | ({"vector": ["no number"]} if name == "bad#0" else {}) for name, told in written(one).items()
        }

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Unstorable) as caught:
        patch.setattr(replacing, "chunks_of", with_a_wrong_number)
        await index.write([revision("more"), poison])
    assert (list(caught.value.refused), caught.value.taken) == (["bad"], (True, False))
    assert await index.newest(["bad", "more"]) == {"bad": 1, "more": 1}
    assert [one.chunk.chunk_id for one in await index.fetch(["bad#0", "bad#1", "more#0"])] == ["bad#0", "more#0"]
