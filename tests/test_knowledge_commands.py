"""O-4, K-4: ``mangaassist knowledge`` on the index and the dead letters of a folder."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from mangaassist import knowledge_commands
from mangaassist.assembly.knowledge import Knowledge
from mangaassist.cli import app
from mangaassist.errors import AssistantError, BadInput, ModelFailure
from mangaassist.knowledge.building import Report
from mangaassist.knowledge.documents import Document, SourceProblem, upsert
from mangaassist.knowledge.updates import Pipeline
from mangaassist.settings import Settings, load
from mangaassist.stores.sqlite.dead_letters import SqliteDeadLetters
from mangaassist.stores.sqlite.index_generations import generation_of
from mangaassist.testing.word_encoder import WordEncoder
from tests.patience import PATIENCE

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
Command = Callable[..., Result]


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> WordEncoder:
    """In the place of the one that the settings name."""
    words = WordEncoder()

    @asynccontextmanager
    async def opened(*_: Any) -> AsyncIterator[WordEncoder]:
        yield words

    monkeypatch.setattr(knowledge_commands, "opened_encoder", opened)
    return words


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoder: WordEncoder) -> Command:
    monkeypatch.setenv("MANGAASSIST_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("MANGAASSIST_CACHE_DIR", raising=False)
    monkeypatch.setenv("COLUMNS", "200")

    def ran(*words: str) -> Result:
        done = CliRunner().invoke(app, ["knowledge", *words])
        if isinstance(done.exception, AssistantError):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done

    return ran


@asynccontextmanager
async def indexing(encoder: WordEncoder, settings: Settings) -> AsyncIterator[Pipeline]:
    """As the process that indexes has it open."""
    generation = generation_of(settings.cache / "knowledge", encoder.dimensions, encoder.digest)
    index, letters = await generation.opened(PATIENCE), SqliteDeadLetters(settings.data / "dead_letters.db")
    try:
        yield Pipeline(index, encoder, letters)
    finally:
        generation.built.touch()
        await index.close()
        await letters.close()


@pytest.fixture
def failed(command: Command, encoder: WordEncoder) -> None:
    """Two pages of which one is known, and one was refused by the encoder."""
    pages = [
        Document(document_id=one, title=one, body=one, source_type="faq", version=1, updated_at=NOW)
        for one in ("good", "bad")
    ]

    async def filled() -> None:
        encoder.fails = lambda text: ModelFailure("encoder", "refuses") if "bad" in text else None
        async with indexing(encoder, load(None)) as pipeline:
            await pipeline.apply([upsert("cms", page, NOW) for page in pages])
        encoder.fails = lambda _: None

    asyncio.run(filled())


@pytest.mark.usefixtures("failed")
def test_stats_tell_what_is_known_what_is_set_aside_and_by_which_encoder(command: Command) -> None:
    told = json.loads(command("stats", "--json").stdout)
    assert (told["documents"], told["chunks"], told["dead_letters"]) == (1, {"faq": 1}, {"cms": 1})
    assert told["generations"] == {"knowledge": "of words-64/64, built, of the encoder in use, chosen"}
    assert "cms: 1" in command("stats").stdout


def test_before_anything_is_indexed_stats_say_so(command: Command) -> None:
    assert json.loads(command("stats", "--json").stdout)["generations"] == {}


@pytest.mark.usefixtures("failed")
def test_errors_are_listed_with_their_reason_and_whole_as_json(command: Command) -> None:
    [told] = json.loads(command("errors", "--json").stdout)
    assert (told["document_id"], told["attempts"]) == ("bad", 1)
    assert json.loads(told["event"])["body"]["title"] == "bad"
    shown = command("errors").stdout
    assert told["id"] in shown
    assert "refuses" in shown


@pytest.mark.usefixtures("failed")
def test_retry_applies_what_has_become_good(command: Command) -> None:
    [letter] = json.loads(command("errors", "--json").stdout)
    assert "1 of 1 applied" in command("retry", letter["id"]).stdout
    assert json.loads(command("errors", "--json").stdout) == []
    assert json.loads(command("stats", "--json").stdout)["documents"] == 2


@pytest.mark.usefixtures("failed")
def test_retry_shows_what_has_failed_again(command: Command, encoder: WordEncoder) -> None:
    encoder.fails = lambda _: ModelFailure("encoder", "still refuses")
    said = command("retry").stdout
    assert "0 of 1 applied" in said
    assert "still refuses" in said


@pytest.mark.usefixtures("failed")
def test_retry_is_left_to_the_process_that_indexes(
    command: Command, encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command only asks, and waits for what becomes of it."""

    async def beside() -> str:
        settings = load(None)
        async with indexing(encoder, settings) as pipeline:
            monkeypatch.setattr(knowledge_commands, "opened_index", refusing)
            monkeypatch.setattr(knowledge_commands, "LOOK_EVERY_S", 0.0)
            monkeypatch.setattr(knowledge_commands, "LOOKS", 1_000_000)
            asked = asyncio.create_task(asyncio.to_thread(command, "retry"))
            while not await pipeline.try_again():
                await asyncio.sleep(0)
            return (await asked).stdout

    assert "1 of 1 applied" in asyncio.run(beside())


@asynccontextmanager
async def refusing(*_: Any) -> AsyncIterator[None]:
    raise knowledge_commands.InUse("indexed elsewhere")
    yield


def test_an_event_that_nobody_knows_cannot_be_tried_again(command: Command) -> None:
    with pytest.raises(BadInput, match="knowledge errors"):
        command("retry", "unknown")


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> list[Document]:
    """What the store would tell: pages that a list holds."""
    told: list[Document] = []

    class Sync:
        def __init__(self, made: Knowledge, encoder: WordEncoder, letters: SqliteDeadLetters) -> None:
            self._made, self._pipeline = made, Pipeline(made.index.current, encoder, letters)

        async def read_all(self, *_: Any) -> Report:
            applied = await self._pipeline.apply([upsert("cms", page, NOW) for page in told])
            where = SourceProblem("cms", "cms", "away") if not told else None
            return Report(added=applied.taken, problems=(where,) if where else (), problem_count=int(not told))

        async def build(self, *_: Any) -> Report:
            report = await self.read_all()
            await self._made.generation.mark_built()
            return report

    def opened_sync(settings: Settings, made: Knowledge, encoder: WordEncoder, *more: Any) -> Sync:
        *_, letters, _ = more
        return Sync(made, encoder, letters)

    monkeypatch.setattr(knowledge_commands, "opened_knowledge_sync", opened_sync)
    return told


def page_of(document_id: str) -> Document:
    return Document(
        document_id=document_id, title=document_id, body="text", source_type="faq", version=1, updated_at=NOW
    )


@pytest.mark.usefixtures("failed")
def test_reindex_embeds_everything_anew_and_rollback_goes_back_and_forth(
    command: Command, encoder: WordEncoder, sources: list[Document]
) -> None:
    sources += [page_of("good"), page_of("new")]
    assert "Made anew: 2 documents" in command("reindex").stdout
    assert json.loads(command("stats", "--json").stdout)["documents"] == 2
    for documents in (1, 2):
        assert "Chosen again" in command("rollback").stdout
        assert json.loads(command("stats", "--json").stdout)["documents"] == documents


@pytest.mark.usefixtures("failed")
def test_reindex_that_cannot_read_a_source_to_its_end_leaves_all_as_it_is(
    command: Command, sources: list[Document]
) -> None:
    with pytest.raises(BadInput, match="what answers stays"):
        command("reindex")
    assert json.loads(command("stats", "--json").stdout)["documents"] == 1
    with pytest.raises(BadInput, match="no other generation"):
        command("rollback")


def test_there_is_nothing_to_make_anew_before_the_first_build(command: Command, sources: list[Document]) -> None:
    with pytest.raises(BadInput, match="not whole yet"):
        command("reindex")
