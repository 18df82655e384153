"""K-4: re-embed only what changed, version wins, a poisoned event is set aside and the stream goes on."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from mangaassist.errors import ModelFailure, ServiceFailure
from mangaassist.knowledge import updates
from mangaassist.knowledge.dead_letters import DeadLetters
from mangaassist.knowledge.documents import Document, DocumentChange, deletion, upsert
from mangaassist.knowledge.index import IndexQuery, Revision, StoredChunk
from mangaassist.knowledge.updates import QUEUE_LIMIT, Indexed, Pipeline
from mangaassist.stores.sqlite.chunk_index import SqliteChunkIndex
from mangaassist.testing.memory_dead_letters import MemoryDeadLetters
from mangaassist.testing.memory_index import MemoryIndex
from mangaassist.testing.word_encoder import WordEncoder
from tests.patience import PATIENCE

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def document(document_id: str = "returns", version: int = 1, body: str = "Thirty days.", **fields: object) -> Document:
    given = {
        "document_id": document_id, "title": f"About {document_id}", "body": body, "source_type": "faq",
        "version": version, "updated_at": NOW,
    }  # fmt: skip
    return Document(**(given | fields))


def change(document_id: str = "returns", version: int = 1, body: str = "Thirty days.") -> DocumentChange:
    return upsert("folder", document(document_id, version, body), NOW)


@pytest.fixture
def letters() -> MemoryDeadLetters:
    return MemoryDeadLetters()


def pipeline_of(
    index: SqliteChunkIndex, words: WordEncoder, letters: DeadLetters | None = None, **given: object
) -> Pipeline:
    return Pipeline(index, words, letters or MemoryDeadLetters(), now=lambda: NOW, **given)


async def every_chunk(index: SqliteChunkIndex) -> Sequence[StoredChunk]:
    vector = np.full(64, 0.125, np.float32)
    hits = await index.search(IndexQuery(text="", vector=vector, source_types=("faq",), depth=500))
    return [hit.stored for hit in hits]


async def content(index: SqliteChunkIndex, document_id: str = "returns") -> str | None:
    stored = await index.fetch([f"{document_id}#0"])
    return stored[0].chunk.content if stored else None


async def test_a_change_is_found_and_its_lag_is_told(index: SqliteChunkIndex, words: WordEncoder) -> None:
    told: list[Indexed] = []
    pipeline = Pipeline(index, words, MemoryDeadLetters(), told.append, now=lambda: NOW + timedelta(seconds=3))
    applied = await pipeline.apply([change()])
    assert (applied.taken, applied.skipped) == (1, 0)
    assert told == [Indexed("folder", "returns", 1, 3.0)]
    assert await content(index) == "Thirty days."


async def test_a_repeated_change_is_not_embedded_again(index: SqliteChunkIndex, words) -> None:
    pipeline = pipeline_of(index, words)
    await pipeline.apply([change()])
    assert (await pipeline.apply([change()])).skipped == 1
    assert len(words.given) == 1


async def test_a_late_change_is_not_embedded(index: SqliteChunkIndex, words) -> None:
    pipeline = pipeline_of(index, words)
    await pipeline.apply([change(version=2, body="new")])
    assert (await pipeline.apply([change(version=1, body="old")])).skipped == 1
    assert len(words.given) == 1


async def test_only_the_chunks_whose_text_changed_are_embedded(index: SqliteChunkIndex, words) -> None:
    pipeline = pipeline_of(index, words)
    first, second = ("alpha " * 400 + "end. ", "beta " * 400)
    await pipeline.apply([change(body=first + second)])
    before = len(words.given)
    await pipeline.apply([change(version=2, body=first + second + "gamma")])
    assert before > 1
    assert len(words.given) - before == 1


@pytest.mark.parametrize("place", [0, 800, 1599])
async def test_an_edit_of_a_long_page_embeds_only_what_it_changed(index: SqliteChunkIndex, words, place: int) -> None:
    """K-1: of more than forty chunks those around the edit, wherever it is; what is gone is gone."""
    pipeline = pipeline_of(index, words)
    told = [
        f"Paragraph {number} is about {number * 7919 % 1000} things and {number % 13} more of them."
        for number in range(1600)
    ]
    await pipeline.apply([change(body=" ".join(told))])
    before = len(words.given)
    told[place : place + 1] = ["Here is one new sentence.", "And another one beside it."]
    await pipeline.apply([change(version=2, body=" ".join(told))])
    assert before > 40
    assert len(words.given) - before <= 6
    assert (await index.stats()).chunks["faq"] in range(before - 2, before + 3)
    assert not any(f"Paragraph {place} is" in stored.chunk.content for stored in await every_chunk(index))


async def test_a_new_version_of_the_same_text_is_taken_without_embedding(index: SqliteChunkIndex, words) -> None:
    pipeline = pipeline_of(index, words)
    await pipeline.apply([change(version=1)])
    assert (await pipeline.apply([change(version=2)])).taken == 1
    assert len(words.given) == 1
    assert await index.newest(["returns"]) == {"returns": 2}


async def test_of_several_versions_in_one_batch_only_the_newest_is_embedded(index: SqliteChunkIndex, words) -> None:
    pipeline = pipeline_of(index, words)
    await pipeline.apply([change(version=3, body="new"), change(version=1, body="old"), change(version=2, body="mid")])
    assert await content(index) == "new"
    assert len(words.given) == 1


class Event(Struct, frozen=True):
    """What befalls a document at a version: the same whoever tells of it, and however often."""

    name: str
    version: int
    removes: bool

    @property
    def change(self) -> DocumentChange:
        if self.removes:
            return deletion("folder", self.name, self.version, NOW)
        words = " ".join(f"{self.name}{self.version}w{number}." for number in range(self.version * 60))
        return change(self.name, self.version, words)


events = st.lists(
    st.builds(Event, st.sampled_from("ab"), st.integers(1, 3), st.booleans()),
    min_size=1,
    max_size=10,
    unique_by=lambda event: (event.name, event.version, event.removes),
)


async def everything(index: SqliteChunkIndex) -> object:
    """All that an index holds, but for the order in which it came."""

    def read(db: sqlite3.Connection) -> object:
        columns = "chunk_id, document_id, source_type, title, content, last_updated, version, vector"
        chunks = db.execute(f"SELECT {columns} FROM chunks ORDER BY chunk_id").fetchall()
        documents = db.execute("SELECT * FROM documents ORDER BY document_id").fetchall()
        words = db.execute(
            "SELECT chunk_id, words_faq.body FROM words_faq JOIN chunks ON key = words_faq.rowid"
        ).fetchall()
        return chunks, documents, sorted(words)

    return await index._readers.run(read)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=events, data=st.data())
async def test_shuffled_doubled_and_dropped_then_resent_events_end_in_the_same_index(
    tmp_path_factory: pytest.TempPathFactory, words: WordEncoder, events: list[Event], data: st.DataObject
) -> None:
    """The one is told everything in order; of what the other is told, some comes twice, some not at all until the end, and some
    is lost on its way because the index or the encoder fails."""
    folder = tmp_path_factory.mktemp("order")
    in_order = await SqliteChunkIndex.open(folder / "in order", 64, "words", timeout_factor=PATIENCE)
    other = await SqliteChunkIndex.open(folder / "other", 64, "words", timeout_factor=PATIENCE)
    for event in sorted(events, key=lambda event: (event.version, event.removes)):
        await pipeline_of(in_order, words).apply([event.change])

    dropped = set(data.draw(st.lists(st.sampled_from(events), max_size=5)))
    doubled = data.draw(st.lists(st.sampled_from(events), max_size=5))
    told = data.draw(st.permutations([*(one for one in events if one not in dropped), *doubled]))
    resent = data.draw(st.permutations([*dropped, *doubled]))
    pipeline = pipeline_of(other, words)
    sent, size = [*told, *resent], data.draw(st.integers(1, 6))
    for batch in (sent[start : start + size] for start in range(0, len(sent), size)):
        lost = [ModelFailure("encoder", "away", "unreachable")] if data.draw(st.booleans()) else []
        words.fails = lambda _, lost=lost: lost.pop() if lost else None
        with contextlib.suppress(ModelFailure):
            await pipeline.apply([event.change for event in batch])
        words.fails = lambda _: None
        await pipeline.apply([event.change for event in batch])
    assert await everything(other) == await everything(in_order)
    for index in (in_order, other):
        await index.close()


async def test_a_document_that_the_encoder_cannot_take_is_set_aside_alone(
    index: SqliteChunkIndex, words: WordEncoder, letters: MemoryDeadLetters
) -> None:
    words.fails = lambda text: ModelFailure("encoder", "refuses") if "poison" in text else None
    applied = await pipeline_of(index, words, letters).apply([change("a"), change("b", body="poison"), change("c")])
    assert applied.taken == 2
    assert list(applied.failed) == ["b"]
    [kept] = await letters.newest(10)
    assert (kept.document_id, kept.version, kept.source) == ("b", 1, "folder")
    assert "refuses" in kept.error
    assert await index.versions("folder") == {"a": 1, "c": 1}


async def test_vectors_that_are_no_numbers_are_set_aside(index: SqliteChunkIndex, words) -> None:
    words.vector = lambda _: np.full(64, np.nan, np.float32)
    assert list((await pipeline_of(index, words).apply([change()])).failed) == ["returns"]
    assert await content(index) is None


async def test_a_document_that_breaks_the_tokenizer_is_set_aside_alone(index: SqliteChunkIndex, words) -> None:
    spans = words.spans

    def breaking(text: str) -> list[tuple[int, int]]:
        if "poison" in text:
            raise RuntimeError("tokenizer")
        return spans(text)

    words.spans = breaking
    applied = await pipeline_of(index, words).apply([change("a"), change("b", body="poison")])
    assert (applied.taken, list(applied.failed)) == (1, ["b"])


async def test_a_document_that_the_index_can_never_keep_is_set_aside_alone_and_the_stream_goes_on(
    words: WordEncoder, letters: MemoryDeadLetters
) -> None:
    index = MemoryIndex(never_keeps=frozenset({"b"}))
    told: list[Indexed] = []
    pipeline = Pipeline(index, words, letters, told.append, now=lambda: NOW)
    applied = await asyncio.wait_for(pipeline.persist([change("a"), change("b"), change("c")]), 5)
    assert (applied.taken, list(applied.failed)) == (2, ["b"])
    assert [one.document_id for one in told] == ["a", "c"]
    [kept] = await letters.newest(10)
    assert (kept.document_id, kept.error) == ("b", "ServiceFailure: knowledge: contract (never kept)")


async def test_an_index_that_refuses_everything_is_waited_for_and_no_document_is_blamed(
    index: SqliteChunkIndex, words: WordEncoder, letters: MemoryDeadLetters, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, failures = index.write, [ServiceFailure("knowledge", "contract", "index_not_found_exception")] * 2

    async def failing(revisions: object) -> object:
        if failures:
            raise failures.pop()
        return await write(revisions)

    async def pause(_: float) -> None: ...

    monkeypatch.setattr(index, "write", failing)
    applied = await pipeline_of(index, words, letters, sleep=pause).persist([change()])
    assert (applied.taken, await letters.newest(10)) == (1, [])


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"[]", b"\xff", b'{"source":"cms","op":"rename","id":"a","version":1,"emitted_at":"2026-01-01T00:00:00Z"}',
        b'{"source":"cms","op":"upsert","id":"a","version":1,"emitted_at":"2026-01-01T00:00:00Z"}',
        b'{"source":"cms","op":"delete","id":"a","version":-1,"emitted_at":"2026-01-01T00:00:00Z"}',
        b'{"source":"cms","op":"delete","id":"a","version":99999999999999999999,"emitted_at":"2026-01-01T00:00:00Z"}',
        b'{"source":"cms","op":"delete","id":"a","version":1,"emitted_at":"2026-01-01T00:00:00"}',
        b'{"source":"other","op":"delete","id":"a","version":1,"emitted_at":"2026-01-01T00:00:00Z"}',
        b"[" * 100_000,
    ],
)  # fmt: skip
async def test_an_event_that_cannot_be_read_is_set_aside(
    index: SqliteChunkIndex, words: WordEncoder, letters: MemoryDeadLetters, raw: bytes
) -> None:
    assert not await pipeline_of(index, words, letters).offer_raw("cms", raw)
    [kept] = await letters.newest(10)
    assert kept.source == "cms"
    assert kept.error


async def test_an_event_set_aside_is_applied_when_somebody_asks_and_it_has_become_good(
    index: SqliteChunkIndex, words: WordEncoder, letters: MemoryDeadLetters
) -> None:
    pipeline = pipeline_of(index, words, letters)
    words.fails = lambda _: ModelFailure("encoder", "refuses")
    await pipeline.apply([change("a", 3, "Sixty days.")])
    words.fails = lambda _: None
    assert await pipeline.try_again() == 0, "nobody has asked for it"
    await letters.ask_again()
    assert await pipeline.try_again() == 1
    assert await content(index, "a") == "Sixty days."
    assert await letters.newest(5) == []


async def test_an_event_that_fails_again_is_kept_with_one_more_attempt(
    index: SqliteChunkIndex, words: WordEncoder, letters: MemoryDeadLetters
) -> None:
    pipeline = pipeline_of(index, words, letters)
    words.fails = lambda _: ModelFailure("encoder", "refuses")
    await pipeline.apply([change()])
    await letters.ask_again()
    assert await pipeline.try_again() == 0
    assert [(one.attempts, one.is_due) for one in await letters.newest(5)] == [(2, False)]


async def test_an_event_that_nobody_can_read_keeps_its_error_when_it_is_tried_again(
    index: SqliteChunkIndex, words: WordEncoder, letters: MemoryDeadLetters
) -> None:
    pipeline = pipeline_of(index, words, letters)
    await pipeline.set_aside("catalog", "B01", 1, ValueError("a blank title"), '{"cursor": 4}')
    await letters.ask_again()
    assert await pipeline.try_again() == 0
    [kept] = await letters.newest(5)
    assert (kept.error, kept.attempts, kept.is_due) == ("ValueError: a blank title", 2, False)


async def test_what_is_taken_drops_what_the_document_failed_with_before(
    index: SqliteChunkIndex, words: WordEncoder, letters: MemoryDeadLetters
) -> None:
    pipeline = pipeline_of(index, words, letters)
    words.fails = lambda text: ModelFailure("encoder", "refuses") if "poison" in text else None
    await pipeline.apply([change("a", 1, "poison"), change("b", 1, "poison")])
    await pipeline.apply([change("a", 2, "mended")])
    assert [one.document_id for one in await letters.newest(5)] == ["b"]


async def test_an_event_of_a_stream_is_applied(index: SqliteChunkIndex, words: WordEncoder) -> None:
    pipeline = pipeline_of(index, words)
    async with running(pipeline):
        assert await pipeline.offer_raw("folder", msgspec.json.encode(change()))
        await pipeline.settled()
    assert await content(index) == "Thirty days."


async def test_the_stream_goes_on_after_a_poisoned_event(index: SqliteChunkIndex, words) -> None:
    words.fails = lambda text: ModelFailure("encoder", "refuses") if "poison" in text else None
    pipeline = pipeline_of(index, words)
    async with running(pipeline):
        for one in (change("a", body="poison"), change("b")):
            await pipeline.offer(one)
            await pipeline.settled()
    assert await index.versions("folder") == {"b": 1}


async def test_while_the_encoder_is_away_nothing_is_lost(
    index: SqliteChunkIndex, words: WordEncoder, letters: MemoryDeadLetters
) -> None:
    failures = [ModelFailure("encoder", "full", "busy")] * 3
    pauses: list[float] = []
    trouble: list[Exception] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    words.fails = lambda _: failures.pop() if failures else None
    pipeline = pipeline_of(index, words, letters, on_trouble=trouble.append, sleep=pause)
    async with running(pipeline):
        await pipeline.offer(change())
        await pipeline.settled()
    assert await content(index) == "Thirty days."
    assert len(pauses) == len(trouble) == 3
    assert pauses == sorted(pauses)
    assert await letters.newest(10) == []


async def test_while_the_index_is_away_nothing_is_lost(
    index: SqliteChunkIndex, words: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, failures = index.write, [ServiceFailure("knowledge", "error", "disk full")]

    async def failing(revisions: object) -> object:
        if failures:
            raise failures.pop()
        return await write(revisions)

    async def pause(_: float) -> None: ...

    monkeypatch.setattr(index, "write", failing)
    pipeline = pipeline_of(index, words, sleep=pause)
    async with running(pipeline):
        await pipeline.offer(change())
        await pipeline.settled()
    assert await content(index) == "Thirty days."


async def test_whoever_moves_to_another_index_waits_for_what_is_on_its_way_into_the_one_before(
    words: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    former, following = MemoryIndex(), MemoryIndex()
    write, may_write, writes = former.write, asyncio.Event(), asyncio.Event()

    async def slow(revisions: object) -> object:
        writes.set()
        await may_write.wait()
        return await write(revisions)

    monkeypatch.setattr(former, "write", slow)
    pipeline = Pipeline(former, words, MemoryDeadLetters(), now=lambda: NOW)
    applying = asyncio.create_task(pipeline.apply([change("a")]))
    await writes.wait()
    moving = asyncio.create_task(pipeline.move_to(following))
    await asyncio.sleep(0)
    await pipeline.apply([change("b")])
    assert not moving.done()
    may_write.set()
    await moving
    await applying
    assert (await former.versions("folder"), await following.versions("folder")) == ({"a": 1}, {"b": 1})


async def test_of_batches_side_by_side_a_later_one_is_told_of_only_after_those_before_it(
    words: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """K-5: a cursor is behind all that is applied, whichever batch is the quicker one."""
    monkeypatch.setattr(updates, "BATCH", 1)
    index, may_write, applied = MemoryIndex(), asyncio.Event(), list[str]()
    write = index.write

    async def slow(revisions: Sequence[Revision]) -> object:
        if revisions[0].document_id == "first":
            await may_write.wait()
        return await write(revisions)

    monkeypatch.setattr(index, "write", slow)
    pipeline = Pipeline(index, words, MemoryDeadLetters(), now=lambda: NOW, at_once=2)
    async with running(pipeline):
        for name in ("first", "second", "third"):
            await pipeline.offer(change(name), partial(applied.append, name))
        async with asyncio.timeout(10):
            while len(await index.versions("folder")) < 2:
                await asyncio.sleep(0)
        assert applied == []
        may_write.set()
        await pipeline.settled()
    assert applied == ["first", "second", "third"]


async def test_who_offers_waits_while_the_queue_is_full(index: SqliteChunkIndex, words: WordEncoder) -> None:
    pipeline = pipeline_of(index, words)
    for number in range(QUEUE_LIMIT):
        await pipeline.offer(change(f"d{number}"))
    waiting = asyncio.create_task(pipeline.offer(change("last")))
    await asyncio.sleep(0)
    assert not waiting.done()
    async with running(pipeline):
        await waiting
        await pipeline.settled()
    assert len(await index.versions("folder")) == QUEUE_LIMIT + 1


def test_an_event_whose_body_is_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="another"):
        DocumentChange(source="s", op="upsert", id="returns", version=2, body=document(version=1), emitted_at=NOW)


@pytest.mark.parametrize("field", ["title", "body", "category"])
@pytest.mark.parametrize("text", ["a\ud800", "a\0b"])
def test_a_document_of_something_that_is_no_text_is_refused(field: str, text: str) -> None:
    with pytest.raises(ValueError, match=field):
        document(**{field: text})


class running:  # noqa: N801  reads as a word where it is used
    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._pipeline.run())

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
