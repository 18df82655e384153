"""``mangaassist knowledge``: what is known, what could not be taken in, and having that tried again (O-4, K-4)."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from mangaassist.assembly.encoders import opened_encoder
from mangaassist.assembly.knowledge import (
    Knowledge,
    followed_index,
    opened_dead_letters,
    opened_generations,
    opened_inboxes,
    opened_index,
    opened_knowledge_sync,
)
from mangaassist.assembly.store import opened_services
from mangaassist.errors import BadInput
from mangaassist.knowledge.dead_letters import LETTERS_KEPT, DeadLetter, DeadLetters
from mangaassist.knowledge.generations import Generation, IndexGenerations
from mangaassist.knowledge.updates import Pipeline
from mangaassist.knowledge_sync import is_whole
from mangaassist.serving import Bars
from mangaassist.settings import Settings
from mangaassist.stores.memory.cache import MemoryCache
from mangaassist.stores.sqlite.process_lock import InUse
from mangaassist.telemetry.metrics import Metrics

LOOKS, LOOK_EVERY_S = 150, 0.2
"""How often and how far apart ``retry`` looks whether the process that indexes has done it."""


async def stats(settings: Settings, as_json: bool, out: Console) -> None:
    """What answers, by kind, what is set aside, and which encoders' generations there are: the one of the settings' encoder is
    built and answers, or is not built, and the one that does answers by words alone until it is (K-3)."""
    async with (
        opened_encoder(settings) as encoder,
        followed_index(settings, encoder) as followed,
        opened_generations(settings) as kept,
    ):
        await followed.refresh()
        every = await kept.every()
        known: dict[str, Any] = msgspec.to_builtins(await followed.shown.stats()) if followed.generation else {}
        async with opened_dead_letters(settings) as letters:
            told: dict[str, Any] = {
                **known,
                "by_words_alone": followed.shown.by_words_alone,
                "dead_letters": dict(await letters.counted()),
                "generations": {
                    one.name: ", ".join(_state(one, encoder.digest, is_chosen=await kept.is_chosen(one)))
                    for one in every
                },
            }
    if as_json:
        out.file.write(msgspec.json.encode(told).decode() + "\n")
        return
    for name, value in told.items():
        out.print(f"[bold]{name}[/]  {_worded(value)}", highlight=False, soft_wrap=True)


def _state(one: Generation, digest: str, *, is_chosen: bool) -> Iterator[str]:
    yield f"of {one.model}"
    yield "built" if one.is_built else "not built"
    if one.model.startswith(f"{digest}/"):
        yield "of the encoder in use"
        if one.is_built and is_chosen:
            yield "chosen"


def _worded(value: dict[str, Any] | str | int) -> str:
    return (
        "; ".join(f"{name}: {what}" for name, what in value.items()) or "none"
        if isinstance(value, dict)
        else str(value)
    )


async def errors(settings: Settings, limit: int, as_json: bool, out: Console) -> None:
    """The events that could not be applied, those that failed last first."""
    async with opened_dead_letters(settings) as letters:
        found = await letters.newest(limit)
    if as_json:
        told = [{"id": one.letter_id, **msgspec.to_builtins(one)} for one in found]
        out.file.write(msgspec.json.encode(told).decode() + "\n")
        return
    _show(found, out)


async def retry(settings: Settings, letter_ids: Sequence[str], out: Console) -> None:
    """Have events that were set aside tried again, none for all: by the process that indexes, or here where there is none."""
    async with opened_dead_letters(settings) as letters:
        asked = await letters.ask_again(letter_ids or None)
        if not asked:
            raise BadInput("unknown_event", "No such event is set aside: mangaassist knowledge errors lists them.")
        try:
            async with _pipeline(settings, letters) as pipeline:
                while await letters.due(1):
                    await pipeline.try_again()
        except InUse:
            await _tried_elsewhere(letters)
        left = [one for one in await letters.newest(LETTERS_KEPT) if not letter_ids or one.letter_id in letter_ids]
    out.print(f"{asked - len(left)} of {asked} applied, or overtaken by what came since.", highlight=False)
    if left:
        _show(left, out)


@asynccontextmanager
async def _pipeline(settings: Settings, letters: DeadLetters) -> AsyncGenerator[Pipeline]:
    async with opened_encoder(settings) as encoder, opened_index(settings, encoder) as knowledge:
        yield Pipeline(knowledge.index.current, encoder, letters)


async def _tried_elsewhere(letters: DeadLetters) -> None:
    for _ in range(LOOKS):
        if not await letters.due(1):
            return
        await asyncio.sleep(LOOK_EVERY_S)
    raise BadInput("not_tried", "The process that indexes has not tried all of them yet; it goes on with it.")


def _show(found: Sequence[DeadLetter], out: Console) -> None:
    if not found:
        out.print("Nothing is set aside.")
        return
    table = Table("id", "source", "document", "version", "attempts", "failed last", "error")
    for one in found:
        when = one.set_aside_at.strftime("%Y-%m-%d %H:%M:%S")
        state = f"{one.attempts}, asked for" if one.is_due else str(one.attempts)
        table.add_row(one.letter_id, one.source, one.document_id, str(one.version), state, when, one.error)
    out.print(table)


async def build(settings: Settings, folder: Path | None, err: Console) -> None:
    """Read every source to its end now, for the encoder of the settings."""
    if folder is not None:
        settings = msgspec.structs.replace(
            settings, knowledge=msgspec.structs.replace(settings.knowledge, folder=str(folder))
        )
    with Bars(err) as bars:
        async with (
            opened_encoder(settings, bars) as encoder,
            opened_index(settings, encoder) as knowledge,
            opened_dead_letters(settings) as letters,
            opened_inboxes(settings) as inbox_of,
            opened_services(settings, Metrics(), MemoryCache()) as services,
        ):
            sync = opened_knowledge_sync(
                settings, knowledge, encoder, services, Metrics(), lambda _: None, letters, inbox_of
            )
            report = await sync.build(bars)
    err.print(f"Knowledge: {report.words}.", highlight=False)
    for problem in report.problems:
        err.print(f"  {problem.source}: {problem.where}: {problem.detail}", highlight=False, markup=False)


async def reindex(settings: Settings, out: Console, err: Console) -> None:
    """Make the knowledge of the encoder in use anew, beside what answers, and have all processes go over to it.

    Raises ``BadInput`` where there is nothing yet to stay with, and where a source could not be read to its end: what is made so
    far is gone on with by the next try.
    """
    with Bars(err) as bars:
        async with (
            opened_encoder(settings, bars) as encoder,
            opened_generations(settings) as kept,
            opened_dead_letters(settings) as letters,
            opened_inboxes(settings) as inbox_of,
            opened_services(settings, Metrics(), MemoryCache()) as services,
        ):
            current = await kept.of(encoder.dimensions, encoder.digest)
            if not current.is_built:
                raise BadInput(
                    "not_built", "The knowledge is not whole yet: start mangaassist, or run knowledge build."
                )
            fresh = await kept.beside(current)
            with fresh.held():
                index = IndexGenerations(await fresh.opened(settings.timeout_factor))
                try:
                    made = Knowledge(index, fresh, kept)
                    sync = opened_knowledge_sync(
                        settings, made, encoder, services, Metrics(), lambda _: None, letters, inbox_of
                    )
                    report = await sync.read_all(bars)
                    if is_whole(report):
                        report = report.plus(await sync.build(bars))  # what has changed meanwhile, and it is chosen
                finally:
                    await index.close()
    if not is_whole(report):
        raise BadInput(
            "not_whole", f"Not every source could be read to its end, and what answers stays: {report.words}."
        )
    out.print(f"Made anew: {report.words}. Every process goes over to it within a second.", highlight=False)


async def rollback(settings: Settings, out: Console) -> None:
    """Have all processes go back to what answered before ``reindex``. Raises ``BadInput`` where nothing did."""
    async with opened_encoder(settings) as encoder, opened_generations(settings) as kept:
        before = await kept.before(await kept.of(encoder.dimensions, encoder.digest))
        if before is None:
            raise BadInput("nothing_before", "There is no other generation of this encoder to go back to.")
        await before.mark_built()
    out.print(f"Chosen again: {before.name}. Every process goes over to it within a second.", highlight=False)
