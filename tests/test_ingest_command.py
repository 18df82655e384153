"""O-4, K-4: ``knowledge ingest`` takes in pages and events, here or by the process that indexes, and names what it cannot read."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from mangaassist import ingest_command
from mangaassist.assembly.knowledge import INGESTED, opened_inboxes
from mangaassist.errors import BadInput
from mangaassist.knowledge.documents import Document, DocumentChange, SourceProblem, deletion, upsert
from mangaassist.knowledge.sources.files import changes_in
from mangaassist.knowledge.updates import Pipeline
from mangaassist.settings import Settings
from mangaassist.stores.sqlite.process_lock import InUse
from mangaassist.testing.memory_dead_letters import MemoryDeadLetters
from mangaassist.testing.memory_index import MemoryIndex
from mangaassist.testing.word_encoder import WordEncoder

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
PAGE = "---\ntitle: Insured parcels\nstatus: {status}\nid: faq-insured\nversion: {version}\n---\nEvery parcel is insured.\n"


def event(version: int = 1) -> DocumentChange:
    page = Document(
        document_id="guide", title="A guide", body="Read it.", source_type="editorial", version=version, updated_at=NOW
    )
    return upsert("cms", page, NOW)


async def read(path: Path) -> list[DocumentChange | SourceProblem]:
    return [one async for one in changes_in(path, INGESTED)]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "faq" / "insured.md"
    path.parent.mkdir()
    path.write_text(PAGE.format(status="approved", version=1))
    return path


async def test_a_page_is_of_the_kind_of_its_folder_and_comes_alone(page: Path) -> None:
    (page.parent / "other.md").write_text(PAGE.format(status="approved", version=1).replace("faq-insured", "other"))
    [change] = await read(page)
    assert isinstance(change, DocumentChange)
    assert (change.source, change.id, change.body and change.body.source_type) == (INGESTED, "faq-insured", "faq")
    assert len(await read(page.parent.parent)) == 2


async def test_a_draft_is_not_taken_in(page: Path) -> None:
    page.write_text(PAGE.format(status="draft", version=1))
    assert await read(page) == []


async def test_events_are_read_line_by_line_and_a_broken_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    lines = [msgspec.json.encode(event()), b"", b"no json", msgspec.json.encode(deletion("cms", "guide", 2, NOW))]
    path.write_bytes(b"\n".join(lines))
    first, problem, last = await read(path)
    assert first == event()
    assert isinstance(problem, SourceProblem)
    assert problem.where == "events.jsonl, event 2"
    assert isinstance(last, DocumentChange)
    assert last.op == "delete"


@pytest.mark.parametrize("name", ["nothing.md", "page.pdf"])
async def test_a_path_that_holds_nothing_of_the_kind_is_refused(tmp_path: Path, name: str) -> None:
    if name.endswith("pdf"):
        (tmp_path / name).write_bytes(b"%PDF")
    with pytest.raises(BadInput, match=name):
        await read(tmp_path / name)


async def test_beside_a_process_that_indexes_what_is_ingested_is_taken_up_by_it(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(cache_dir=str(tmp_path / "cache"), data_dir=str(tmp_path / "data"))

    @asynccontextmanager
    async def taken(*_: Any) -> AsyncIterator[None]:
        raise InUse("another process")
        yield

    @asynccontextmanager
    async def an_encoder(*_: Any) -> AsyncIterator[WordEncoder]:
        yield WordEncoder()

    monkeypatch.setattr(ingest_command, "opened_index", taken)
    monkeypatch.setattr(ingest_command, "opened_encoder", an_encoder)
    monkeypatch.setattr(ingest_command, "LOOK_EVERY_S", 0.01)
    index, err = MemoryIndex(), Console(file=StringIO(), width=200)
    pipeline = Pipeline(index, WordEncoder(), MemoryDeadLetters())
    ingesting = asyncio.create_task(ingest_command.ingest(settings, page, err))
    while not ingesting.done():
        async with opened_inboxes(settings) as inbox_of:
            await inbox_of(INGESTED).apply_waiting(pipeline)
        await asyncio.sleep(0)
    await ingesting
    assert [one.chunk.content for one in await index.fetch(["faq-insured#0"])] == ["Every parcel is insured."]
    assert "handed to the process that indexes" in err.file.getvalue()
