"""``mangaassist knowledge ingest``: a page, a folder or a file of events into the knowledge, beside whoever indexes (O-4, K-4)."""

import asyncio
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console

from mangaassist.assembly.encoders import opened_encoder
from mangaassist.assembly.knowledge import INGESTED, opened_dead_letters, opened_inboxes, opened_index
from mangaassist.errors import BadInput
from mangaassist.knowledge.building import Report, reported
from mangaassist.knowledge.documents import DocumentChange, SourceProblem
from mangaassist.knowledge.sources.files import changes_in
from mangaassist.knowledge.updates import BATCH, Pipeline
from mangaassist.serving import Bars
from mangaassist.settings import Settings
from mangaassist.stores.sqlite.process_lock import InUse

LOOK_EVERY_S: Final = 0.2
LOOKS: Final = 600
"""How often it is looked whether the process that indexes has taken up what waits: for two minutes."""


async def ingest(settings: Settings, path: Path, err: Console) -> None:
    """Raises ``BadInput`` for a path that holds nothing of the kind, and when the process that indexes does not take it up."""
    read = [one async for one in changes_in(path, INGESTED)]
    changes = [one for one in read if isinstance(one, DocumentChange)]
    problems = tuple(one for one in read if isinstance(one, SourceProblem))
    with Bars(err) as bars:
        try:
            report = await _applied(settings, changes, bars)
            told = f"{report.words}."
        except InUse:
            await _handed_over(settings, changes, bars)
            report, told = (
                Report(),
                f"{len(changes)} documents handed to the process that indexes, which has taken them up.",
            )
    err.print(f"Knowledge: {told}", highlight=False)
    for problem in (*problems, *report.problems):
        err.print(f"  {problem.where}: {problem.detail}", highlight=False, markup=False)
    if problems:
        raise BadInput("not_all", f"{len(problems)} could not be read.")


async def _applied(settings: Settings, changes: Sequence[DocumentChange], bars: Bars) -> Report:
    """Here, where no other process indexes. Raises ``InUse`` where one does."""
    report = Report()
    async with (
        opened_encoder(settings, bars) as encoder,
        opened_index(settings, encoder) as knowledge,
        opened_dead_letters(settings) as letters,
        opened_inboxes(settings) as inbox_of,
    ):
        pipeline, inbox = Pipeline(knowledge.index.current, encoder, letters), inbox_of(INGESTED)
        for start in range(0, len(changes), BATCH):
            part = changes[start : start + BATCH]
            report = report.plus(reported(INGESTED, await pipeline.apply(part)))
            await inbox.remember(part)
            bars(INGESTED, start + len(part), len(changes))
    return report


async def _handed_over(settings: Settings, changes: Sequence[DocumentChange], bars: Bars) -> None:
    """Into the inbox of the process that indexes; each waits until it was taken up."""
    async with opened_inboxes(settings) as inbox_of:
        inbox, looks = inbox_of(INGESTED), LOOKS
        for number, change in enumerate(changes, start=1):
            raw = msgspec.json.encode(change)
            while await inbox.keep(blake2b(raw, digest_size=16).hexdigest(), raw) == "full":
                looks = await _looked(looks)
            bars(INGESTED, number, len(changes))
        while await inbox.waits():
            looks = await _looked(looks)


async def _looked(left: int) -> int:
    if not left:
        raise BadInput("not_taken", "The process that indexes has not taken all of it up yet; it goes on with it.")
    await asyncio.sleep(LOOK_EVERY_S)
    return left - 1
