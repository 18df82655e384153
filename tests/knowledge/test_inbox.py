"""K-5, K-4: what was pushed is kept on the disk until it is applied, once, whoever is there to apply it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mangaassist.knowledge.documents import Document, deletion, upsert
from mangaassist.knowledge.sources.inbox import EventInbox
from mangaassist.knowledge.updates import Pipeline
from mangaassist.stores.folder.pushed_events import FolderEvents
from mangaassist.testing.memory_dead_letters import MemoryDeadLetters
from mangaassist.testing.memory_index import MemoryIndex
from mangaassist.testing.word_encoder import WordEncoder

WHEN = datetime(2026, 11, 1, 12, tzinfo=UTC)


def event(version: int = 1, body: str = "Read it slowly.") -> bytes:
    page = Document(
        document_id="guide-berserk", title="Where to start", body=body, source_type="editorial", version=version,
        updated_at=WHEN,
    )  # fmt: skip
    return msgspec.json.encode(upsert("editorial", page, WHEN))


@pytest.fixture
def inbox(tmp_path: Path) -> EventInbox:
    return inbox_in(tmp_path)


def inbox_in(folder: Path, **given: Any) -> EventInbox:
    return EventInbox(FolderEvents(folder / "events", **given), "editorial")


async def applied(
    inbox: EventInbox, index: MemoryIndex | None = None, letters: MemoryDeadLetters | None = None
) -> MemoryIndex:
    index = index or MemoryIndex()
    await inbox.apply_waiting(Pipeline(index, WordEncoder(), letters or MemoryDeadLetters()))
    return index


async def told(index: MemoryIndex) -> list[str]:
    return [one.chunk.content for one in await index.fetch(["guide-berserk#0"])]


async def test_a_kept_event_is_applied_once(inbox: EventInbox) -> None:
    assert await inbox.keep("one", event()) == "kept"
    assert await told(await applied(inbox)) == ["Read it slowly."]
    assert await told(await applied(inbox)) == []


async def test_what_was_kept_outlives_whoever_was_to_apply_it(inbox: EventInbox, tmp_path: Path) -> None:
    await inbox.keep("one", event())
    assert await told(await applied(inbox_in(tmp_path))) == ["Read it slowly."]


async def test_whatever_the_order_the_newest_version_stays(inbox: EventInbox) -> None:
    await inbox.keep("b", event(2, "Newer."))
    await inbox.keep("a", event(1, "Older."))
    index = await applied(inbox)
    assert await told(index) == ["Newer."]
    await inbox.keep("c", msgspec.json.encode(deletion("editorial", "guide-berserk", 3, WHEN)))
    assert await told(await applied(inbox, index)) == []


async def test_a_delivery_is_known_while_it_waits_and_after_it_was_applied_and_forgotten_at_last(
    inbox: EventInbox, tmp_path: Path
) -> None:
    await inbox.keep("one", event())
    assert await inbox.keep("one", event()) == "known"
    await applied(inbox)
    assert await inbox_in(tmp_path).keep("one", event()) == "known"
    await applied(inbox_in(tmp_path, clock=lambda: 4e9))
    assert await inbox.keep("one", event()) == "kept"


async def test_more_than_may_wait_is_not_kept(tmp_path: Path) -> None:
    inbox = inbox_in(tmp_path, most_waiting=1)
    assert [await inbox.keep(name, event()) for name in ("one", "two")] == ["kept", "full"]
    await applied(inbox)
    assert await inbox.keep("two", event()) == "kept"


async def test_an_event_that_cannot_be_read_is_set_aside_and_the_next_applied(inbox: EventInbox) -> None:
    await inbox.keep("one", b"broken on the disk")
    await inbox.keep("two", event())
    letters = MemoryDeadLetters()
    index = await applied(inbox, letters=letters)
    assert await told(index) == ["Read it slowly."]
    assert await letters.counted() == {"editorial": 1}


async def test_the_newest_event_of_each_document_is_told_again_to_an_index_that_is_made_anew(
    tmp_path: Path,
) -> None:
    inbox = inbox_in(tmp_path, remembered_s=-1.0)
    for name, raw in (("a", event(2, "Newer.")), ("b", event(1, "Older."))):
        await inbox.keep(name, raw)
        await applied(inbox)
    anew = MemoryIndex()
    pipeline = Pipeline(anew, WordEncoder(), MemoryDeadLetters())
    report = await inbox.tell_again(pipeline)
    assert (await told(anew), report.added) == (["Newer."], 1)
    await inbox.remember([deletion("editorial", "guide-berserk", 2, WHEN)])
    await inbox.tell_again(pipeline)
    assert await told(anew) == []


async def test_a_kept_event_that_cannot_be_read_any_more_is_named_and_the_others_are_told(
    inbox: EventInbox, tmp_path: Path
) -> None:
    await inbox.keep("a", event())
    await applied(inbox)
    (tmp_path / "events" / "newest" / "broken.taken").write_bytes(b"{")
    anew = MemoryIndex()
    report = await inbox.tell_again(Pipeline(anew, WordEncoder(), MemoryDeadLetters()))
    assert (report.added, report.problem_count, await told(anew)) == (1, 1, ["Read it slowly."])
