"""K-5: what the sources give, what they name as broken, and that one broken thing leaves the others alone."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from mangaassist.domain.chunks import IN_FOLDER
from mangaassist.domain.products import Format, Product, ProductChange
from mangaassist.errors import ServiceFailure
from mangaassist.knowledge import building
from mangaassist.knowledge.building import Report, build, keep_fresh, refresh
from mangaassist.knowledge.documents import Document, SourceProblem
from mangaassist.knowledge.sources.catalog import CatalogSource, product_document
from mangaassist.knowledge.sources.changes import Forgotten, Heard, Unread
from mangaassist.knowledge.sources.content import ContentSource
from mangaassist.knowledge.sources.folder import FolderSource
from mangaassist.knowledge.sources.reviews import ReviewSource
from mangaassist.knowledge.updates import Pipeline
from mangaassist.stores.sqlite.chunk_index import SqliteChunkIndex
from mangaassist.testing.memory_dead_letters import MemoryDeadLetters
from mangaassist.testing.word_encoder import WordEncoder

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
CONTENT = Path(__file__).parents[2] / "src" / "mangastore" / "content"
PAGE = """---
id: faq-returns
title: How do I return a book?
category: returns
status: approved
version: 2
updated: 2026-05-19
---
Within thirty days.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pages" / "faq").mkdir(parents=True)
    return tmp_path / "pages"


@pytest.fixture
def pipeline(index: SqliteChunkIndex, words: WordEncoder) -> Pipeline:
    return Pipeline(index, words, MemoryDeadLetters())


def page(folder: Path, text: str | bytes = PAGE, name: str = "faq/returns.md") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


async def read(source: object) -> tuple[list[Document], list[SourceProblem]]:
    given = [one async for one in source.read()]
    return (
        [one for one in given if isinstance(one, Document)],
        [one for one in given if isinstance(one, SourceProblem)],
    )


async def test_an_approved_page_is_given(folder: Path) -> None:
    page(folder)
    [document], problems = await read(FolderSource(folder))
    assert problems == []
    assert (document.document_id, document.source_type, document.category) == ("faq-returns", "faq", "returns")
    assert document.title == "How do I return a book?"
    assert document.body == "Within thirty days."
    assert document.updated_at == datetime(2026, 5, 19, tzinfo=UTC)


async def test_a_draft_is_not_given(folder: Path) -> None:
    page(folder, PAGE.replace("approved", "draft"))
    assert await read(FolderSource(folder)) == ([], [])


async def test_front_matter_overrules_the_folders_name(folder: Path) -> None:
    page(folder, PAGE.replace("status:", "source_type: policy\nstatus:"))
    [document], _ = await read(FolderSource(folder))
    assert document.source_type == "policy"


async def test_a_page_without_an_id_of_its_own_is_none_of_the_stores(folder: Path) -> None:
    """K-6: nobody is sent to a page that the store does not have."""
    page(folder, PAGE.replace("id: faq-returns\n", ""))
    documents, problems = await read(FolderSource(folder))
    assert problems == []
    assert documents[0].document_id.startswith(IN_FOLDER)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (b"---\ntitle: \xff\xfe\n---\n", "UTF-8"),
        (b"no front matter", "front matter"),
        (PAGE.replace("title: How", "title: [How").encode(), "front matter"),
        (PAGE.replace("status: approved\n", "").encode(), "status"),
        (PAGE.replace("approved", "maybe").encode(), "status"),
        (PAGE.replace("version: 2", "version: soon").encode(), "version"),
        (PAGE.replace("2026-05-19", "yesterday").encode(), "updated"),
        (PAGE.replace("title: How do I return a book?", "title: ''").encode(), "title"),
        (PAGE.replace("thirty", "thi\0rty").encode(), "body"),
        (b"---\n" + b"a: &a [b]\n" * 5000 + b"---\n", "front matter"),
        (("---\n" + "[" * 5000 + "\n---\n").encode(), "front matter"),
        (b"---\n- a\n- b\n---\n", "front matter"),
        (PAGE.encode() + b"x" * 10_000_000, "bytes"),
    ],
)
async def test_a_broken_file_is_named_and_the_others_are_given(folder: Path, broken: bytes, words: str) -> None:
    page(folder)
    page(folder, broken, "faq/broken.md")
    documents, [problem] = await read(FolderSource(folder))
    assert [document.document_id for document in documents] == ["faq-returns"]
    assert problem.where == str(Path("faq/broken.md"))
    assert words in problem.detail


async def test_a_page_outside_a_named_folder_must_say_what_it_is(folder: Path) -> None:
    page(folder, name="loose.md")
    _, [problem] = await read(FolderSource(folder))
    assert "source_type" in problem.detail


async def test_a_link_out_of_the_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text(PAGE)
    (folder / "faq" / "link.md").symlink_to(tmp_path / "secret.md")
    assert await read(FolderSource(folder)) == ([], [])


async def test_every_page_of_the_demo_store_can_be_read() -> None:
    documents, problems = await read(FolderSource(CONTENT))
    assert problems == []
    assert len(documents) > 150


async def test_an_edit_without_a_new_version_is_found(
    folder: Path, pipeline: Pipeline, index: SqliteChunkIndex
) -> None:
    path, source = page(folder), FolderSource(folder)
    await refresh(source, pipeline)
    path.write_text(PAGE.replace("thirty", "sixty"))
    touch_later(path)
    report = await refresh(source, pipeline)
    assert report.added == 1
    assert (await index.fetch(["faq-returns#0"]))[0].chunk.content == "Within sixty days."


async def test_a_page_that_becomes_a_draft_is_no_longer_found(
    folder: Path, pipeline: Pipeline, index: SqliteChunkIndex
) -> None:
    path, source = page(folder), FolderSource(folder)
    await refresh(source, pipeline)
    path.write_text(PAGE.replace("approved", "draft"))
    touch_later(path, 1)
    assert (await refresh(source, pipeline)).removed == 1
    assert await index.fetch(["faq-returns#0"]) == []
    path.write_text(PAGE)
    touch_later(path, 2)
    assert (await refresh(source, pipeline)).added == 1


async def test_a_broken_page_stays_found_as_it_was(folder: Path, pipeline: Pipeline, index: SqliteChunkIndex) -> None:
    path, source = page(folder), FolderSource(folder)
    await refresh(source, pipeline)
    path.write_bytes(b"\xff")
    touch_later(path)
    report = await refresh(source, pipeline)
    assert (report.removed, report.problem_count) == (0, 1)
    assert len(await index.fetch(["faq-returns#0"])) == 1


async def test_a_folder_that_is_away_takes_nothing_out(
    folder: Path, pipeline: Pipeline, index: SqliteChunkIndex
) -> None:
    page(folder)
    source = FolderSource(folder)
    await refresh(source, pipeline)
    folder.rename(folder.with_name("elsewhere"))
    assert (await refresh(source, pipeline)).problem_count == 1
    assert len(await index.fetch(["faq-returns#0"])) == 1


async def test_two_files_with_one_id_are_a_problem(folder: Path, pipeline: Pipeline) -> None:
    page(folder)
    page(folder, name="faq/again.md")
    report = await refresh(FolderSource(folder), pipeline)
    assert (report.added, report.problems[0].where) == (1, "faq-returns")


async def test_a_build_tells_its_progress_and_an_interrupted_one_goes_on(
    folder: Path, pipeline: Pipeline, words
) -> None:
    for number in range(130):
        page(folder, PAGE.replace("faq-returns", f"faq-{number}").replace("thirty", str(number)), f"faq/{number}.md")
    told: list[tuple[str, int, int]] = []

    def interrupt(source: str, done: int, total: int) -> None:
        told.append((source, done, total))
        if done >= 64:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await build([FolderSource(folder)], pipeline, interrupt, passes=1)
    assert told == [("folder", 0, 130), ("folder", 64, 130)]
    told.clear()
    report = await build([FolderSource(folder)], pipeline, lambda *step: told.append(step), passes=1)
    assert (report.added, report.skipped) == (66, 64)
    assert told == [("folder", 64, 130), ("folder", 128, 130), ("folder", 130, 130)]
    assert len(words.given) == 130


async def test_batches_are_applied_side_by_side_and_told_in_their_order() -> None:
    under_way: list[int] = []
    most: list[int] = []

    async def batches() -> AsyncIterator[int]:
        for number in range(5):
            yield number

    async def applied(number: int) -> int:
        under_way.append(number)
        most.append(len(under_way))
        for _ in range(5 - number):  # the later ones are the quicker ones
            await asyncio.sleep(0)
        under_way.remove(number)
        return 10 * number

    found = [one async for one in building.side_by_side(batches(), applied, 2)]
    assert found == [(number, 10 * number) for number in range(5)]
    assert max(most) == 2


async def test_a_batch_that_fails_leaves_none_beside_it_under_way() -> None:
    ended: list[int] = []

    async def batches() -> AsyncIterator[int]:
        yield 0
        yield 1

    async def applied(number: int) -> None:
        if number == 0:
            raise ServiceFailure("knowledge", "error")
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(number)

    with pytest.raises(ServiceFailure):
        async for _ in building.side_by_side(batches(), applied, 2):
            pass
    assert ended == [1]


async def test_a_source_that_is_away_does_not_keep_the_others_from_being_built(
    folder: Path, pipeline: Pipeline
) -> None:
    async def down(after: str | None) -> bytes:
        raise ServiceFailure("content", "unreachable")

    page(folder)
    report = await build([ContentSource(down), FolderSource(folder)], pipeline)
    assert report.added == 1
    assert report.problems == (
        SourceProblem("content", "content", "could not be read to its end: content: unreachable"),
    )


async def test_keeping_fresh_outlives_a_failure_and_tells_of_changes(folder: Path, pipeline: Pipeline) -> None:
    page(folder)
    told: list[Report] = []
    rounds = 0

    async def turn(_: float) -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 2:
            folder.rename(folder.with_name("away"))
        elif rounds == 3:
            folder.with_name("away").rename(folder)
        elif rounds == 5:
            raise StopAsyncIteration

    with pytest.raises((StopAsyncIteration, RuntimeError)):
        await keep_fresh(FolderSource(folder), pipeline, 5, lambda _, report: told.append(report), turn)
    assert [(report.added, report.problem_count) for report in told] == [(1, 0), (0, 1)]


async def test_the_lag_of_a_source_that_is_read_now_and_then_counts_from_the_reading_before(
    folder: Path, index: SqliteChunkIndex, words: WordEncoder
) -> None:
    """K-5: nobody knows when within these seconds a page was changed, and no lag is told shorter than it was."""
    minute = iter(range(1, 9))
    lags: list[float] = []
    pipeline = Pipeline(
        index, words, MemoryDeadLetters(), lambda done: lags.append(done.lag_s), now=lambda: NOW + timedelta(minutes=9)
    )

    async def turn(_: float) -> None:
        if lags:
            raise StopAsyncIteration
        page(folder)

    with pytest.raises((StopAsyncIteration, RuntimeError)):
        await keep_fresh(
            FolderSource(folder), pipeline, 5, lambda *_: None, turn, lambda: NOW + timedelta(minutes=next(minute))
        )
    assert lags == [8 * 60]


def entry(number: int, **fields: object) -> dict[str, object]:
    return {
        "id": f"faq-{number:03}", "source_type": "faq", "title": f"Question {number}?", "category": "c", "body": "Yes.",
        "status": "approved", "version": 1, "updated_at": "2026-05-19T00:00:00Z",
    } | fields  # fmt: skip


def listing(entries: Sequence[object], size: int = 100, field: str = "entries", key: str = "id") -> object:
    async def fetch(after: str | None) -> bytes:
        start = 0 if after is None else int(after)
        end = start + size
        return msgspec.json.encode({field: entries[start:end], "next": str(end) if end < len(entries) else None})

    return fetch


async def test_every_page_of_a_listing_is_read() -> None:
    documents, problems = await read(ContentSource(listing([entry(n) for n in range(250)])))
    assert len(documents) == 250
    assert problems == []


async def test_a_page_brings_along_how_shoppers_word_what_it_answers(folder: Path) -> None:
    page(folder, PAGE.replace("version: 2", "questions:\n  - send it back\n  - 2fa\nversion: 2"))
    [of_a_file], _ = await read(FolderSource(folder))
    [of_the_store], _ = await read(ContentSource(listing([entry(1, questions=["send it back", "2fa"])])))
    assert of_a_file.questions == of_the_store.questions == ("send it back", "2fa")


@pytest.mark.parametrize("questions", ["[1, 2]", "send it back", "['']"])
async def test_wordings_that_are_none_are_named(folder: Path, questions: str) -> None:
    page(folder, PAGE.replace("version: 2", f"questions: {questions}\nversion: 2"))
    documents, [problem] = await read(FolderSource(folder))
    assert documents == []
    assert "questions" in problem.detail


async def test_a_broken_entry_is_named_and_the_others_are_given() -> None:
    entries = [entry(0), entry(1, version="new"), entry(2, title=""), entry(3, status="draft"), 7, entry(4)]
    documents, problems = await read(ContentSource(listing(entries)))
    assert [document.document_id for document in documents] == ["faq-000", "faq-004"]
    assert [problem.where for problem in problems] == ["faq-001", "faq-002", "?"]


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b'{"entries":7}', b'{"rows":[]}', b"\xff", b"[" * 100_000])
async def test_an_answer_that_is_no_listing_is_a_failure_of_the_service(answer: bytes) -> None:
    async def fetch(after: str | None) -> bytes:
        return answer

    with pytest.raises(ServiceFailure) as caught:
        await read(ContentSource(fetch))
    assert caught.value.kind == "contract"


async def test_a_listing_without_end_is_left() -> None:
    async def fetch(after: str | None) -> bytes:
        return msgspec.json.encode({"entries": [], "next": "again"})

    with pytest.raises(ServiceFailure, match="end"):
        await read(ContentSource(fetch))


async def test_a_listing_that_suddenly_lacks_most_pages_takes_nothing_out(
    pipeline: Pipeline, index: SqliteChunkIndex
) -> None:
    await refresh(ContentSource(listing([entry(n) for n in range(40)])), pipeline)
    report = await refresh(ContentSource(listing([entry(n) for n in range(3)])), pipeline)
    assert (report.removed, report.problem_count) == (0, 1)
    assert len(await index.versions("content")) == 40


async def test_a_review_summary_becomes_a_document() -> None:
    summary = {
        "series_id": "berserk", "series_title": "Berserk", "asin": "B0ABCDEFGH", "summary": "Dark and moving.",
        "praised": ["art"], "criticised": ["pauses"], "updated_at": "2026-05-19T00:00:00Z", "version": 3,
    }  # fmt: skip
    [document], [problem] = await read(
        ReviewSource(listing([summary, summary | {"asin": "nonsense"}], field="summaries"))
    )
    assert (document.source_type, document.asin, document.version) == ("reviews", "B0ABCDEFGH", 3)
    assert document.body == "Dark and moving.\nPraised: art.\nCriticised: pauses."
    assert problem.where == "berserk"


def product(number: int = 3, **fields: object) -> Product:
    given = {
        "asin": f"B0{number:08}", "title": f"Berserk, Vol. {number}", "series_id": "berserk", "series_title": "Berserk",
        "aliases": ("ベルセルク",), "volume": number, "authors": ("Kentaro Miura",), "publisher": "Dark Horse",
        "genres": ("Action", "Horror"), "themes": ("Revenge",), "demographic": "seinen", "age_rating": "Mature",
        "series_volumes": 42, "series_status": "ongoing", "description": "The black swordsman.",
    }  # fmt: skip
    return Product(**(given | fields))


def changed(cursor: int, head: int, given: Product | None = None, asin: str = "") -> ProductChange:
    given = product(cursor) if given is None and not asin else given
    return ProductChange(
        cursor=cursor, asin=given.asin if given else asin, version=cursor, product=given, emitted_at=NOW, head=head
    )


def test_a_product_is_told_in_words_that_people_search_with() -> None:
    document = product_document(product(), 7, NOW)
    text = f"{document.title} {document.body} {' '.join(document.aliases)}"
    for words in ("Berserk, Vol. 3", "Kentaro Miura", "Dark Horse", "black swordsman", "Horror", "Revenge", "Seinen",
                  "Paperback", "42 in the series, still running", "ベルセルク"):  # fmt: skip
        assert words in text
    assert (document.family, document.asin, document.version) == ("berserk", "B000000003", 7)


def test_a_box_set_tells_what_is_in_it() -> None:
    box = product(volume=None, volume_from=1, volume_to=14, format=Format.BOX_SET, title="The Box")
    assert "Box set of Berserk by Kentaro Miura" in product_document(box, 1, NOW).body
    assert "volumes 1 to 14" in product_document(box, 1, NOW).body


async def test_the_catalog_is_caught_up_with_and_then_followed(pipeline: Pipeline, index: SqliteChunkIndex) -> None:
    opened: list[int] = []

    async def changes(after: int) -> AsyncIterator[ProductChange]:
        opened.append(after)
        for cursor in range(after + 1, 131):
            yield changed(cursor, head=130)
        if len(opened) == 2:
            yield changed(131, 131, asin="B000000005")
            raise ServiceFailure("catalog", "unreachable")
        if len(opened) > 2:
            yield changed(132, 132)

    source = CatalogSource(changes)
    told: list[tuple[str, int, int]] = []
    report = await source.catch_up(pipeline, lambda *step: told.append(step))
    assert report.added == 130
    assert told[-1] == ("catalog", 130, 130)

    trouble: list[ServiceFailure] = []

    async def pause(_: float) -> None:
        if len(opened) == 3:
            raise StopAsyncIteration

    with pytest.raises((StopAsyncIteration, RuntimeError)):
        await source.follow(pipeline, trouble.append, pause)
    assert opened == [0, 130, 131]
    assert len(trouble) == 1
    await apply_offered(pipeline)
    kept = await index.versions("catalog")
    assert "B000000005" not in kept
    assert "B000000132" in kept


async def test_a_catalog_that_breaks_off_is_a_problem_and_what_came_is_kept(
    pipeline: Pipeline, index: SqliteChunkIndex
) -> None:
    async def changes(after: int) -> AsyncIterator[ProductChange]:
        for cursor in range(1, 100):
            yield changed(cursor, head=1000)
        raise ServiceFailure("catalog", "unreachable")

    report = await CatalogSource(changes).catch_up(pipeline)
    assert (report.added, report.problem_count) == (99, 1)


async def test_a_catalog_that_says_nothing_does_not_hold_up_the_start(pipeline: Pipeline) -> None:
    async def changes(after: int) -> AsyncIterator[ProductChange]:
        await asyncio.Event().wait()
        yield changed(1, 1)

    report = await CatalogSource(changes, silence_s=0.01).catch_up(pipeline)
    assert "silent" in report.problems[0].detail


class Carried:
    """A feed that carries what it is told to, one list for each time that it is opened; it may forget."""

    name = "carried"

    def __init__(self, *streams: Sequence[Heard | Unread | Exception]) -> None:
        self._streams = list(streams)
        self.opened: list[str] = []

    async def after(self, cursor: str) -> AsyncIterator[Heard | Unread]:
        self.opened.append(cursor)
        for one in self._streams.pop(0) if self._streams else [StopAsyncIteration()]:
            if isinstance(one, Exception):
                raise one
            yield one


async def followed_to_the_end(source: CatalogSource, pipeline: Pipeline) -> list[Exception]:
    trouble: list[Exception] = []

    async def pause(_: float) -> None: ...

    with pytest.raises((StopAsyncIteration, RuntimeError)):
        await source.follow(pipeline, trouble.append, pause)
    await apply_offered(pipeline)
    return trouble


async def nothing(after: int) -> AsyncIterator[ProductChange]:
    return
    yield


async def test_another_feed_carries_the_changes_once_the_catalog_was_read_and_its_broken_events_are_set_aside(
    pipeline: Pipeline, index: SqliteChunkIndex
) -> None:
    feed = Carried(
        [Heard(changed(1, 0), "one"), Unread("{no change", "is no JSON", "two"), ServiceFailure("kinesis", "timeout")],
        [Heard(changed(2, 0), "three")],
    )
    source = CatalogSource(nothing, feed=feed)
    assert len(await followed_to_the_end(source, pipeline)) == 1
    assert feed.opened == ["", "two", "three"]
    assert set(await index.versions("catalog")) == {"B000000001", "B000000002"}
    [letter] = await pipeline.dead_letters.newest(5)
    assert (letter.source, letter.event) == ("catalog", "{no change")
    assert (source.applied, source.is_ahead) == ("three", True)


async def test_the_applied_cursor_is_behind_what_is_found_and_never_before_it(pipeline: Pipeline) -> None:
    """K-5: who dies with changes that are only offered hears them again."""
    source = CatalogSource(nothing, feed=Carried([Heard(changed(1, 0), "one"), ServiceFailure("kinesis", "timeout")]))
    with pytest.raises((StopAsyncIteration, RuntimeError)):
        await source.follow(pipeline, sleep=stopped)
    assert (source.applied, source.is_ahead) == ("", False)
    await apply_offered(pipeline)
    assert (source.applied, source.is_ahead) == ("one", True)
    await source.keep_cursor(pipeline.index, source.applied)
    later = CatalogSource(nothing, feed=(feed := Carried()))
    await later.resume(pipeline.index)
    await followed_to_the_end(later, pipeline)
    assert feed.opened == ["one"]


async def stopped(_: float) -> None:
    raise StopAsyncIteration


async def test_what_a_feed_has_forgotten_the_catalog_tells_as_a_whole(
    pipeline: Pipeline, index: SqliteChunkIndex
) -> None:
    async def whole(after: int) -> AsyncIterator[ProductChange]:
        for cursor in (1, 2, 3):
            yield changed(cursor, 3)

    feed = Carried([Heard(changed(1, 0), "old"), ServiceFailure("kinesis", "timeout")], [Forgotten()], [])
    await followed_to_the_end(CatalogSource(whole, feed=feed), pipeline)
    assert set(await index.versions("catalog")) == {"B000000001", "B000000002", "B000000003"}
    assert feed.opened == ["", "old", "", ""]


async def test_a_product_that_can_be_no_document_is_set_aside(pipeline: Pipeline) -> None:
    async def changes(after: int) -> AsyncIterator[ProductChange]:
        yield changed(1, 2, product(1, title="x" * 2000))
        yield changed(2, 2)

    report = await CatalogSource(changes).catch_up(pipeline)
    assert (report.added, report.problem_count) == (1, 1)
    [kept] = await pipeline.dead_letters.newest(5)
    assert (kept.document_id, '"cursor":1' in kept.event) == ("B000000001", True)


def touch_later(path: Path, seconds: int = 1) -> None:
    """As an editor who saves some time later would leave it."""
    state = path.stat()
    later = state.st_ctime_ns + seconds * 1_000_000_000
    os.utime(path, ns=(later, later))


async def apply_offered(pipeline: Pipeline) -> None:
    task = asyncio.create_task(pipeline.run())
    await pipeline.settled()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
