"""What somebody hands in by hand: a page, a folder of them, or a file of events (``mangaassist knowledge ingest``)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from mangaassist.errors import BadInput
from mangaassist.knowledge.documents import DocumentChange, PoisonedEvent, SourceProblem, decode_change, upsert
from mangaassist.knowledge.sources.folder import FolderSource

EVENTS: Final = frozenset({".jsonl", ".ndjson"})
PAGES: Final = frozenset({".md", ".markdown"})
FILE_LIMIT: Final = 64 << 20
"""Bytes of a file of events."""


async def changes_in(path: Path, source: str) -> AsyncIterator[DocumentChange | SourceProblem]:
    """Markdown pages with front matter as ``FolderSource`` reads them, or one event a line; what cannot be read is named.

    A page's kind is its ``source_type``, else the name of its folder. An event keeps the source that it names. Raises ``BadInput``
    for a path that is none of these.
    """
    kind = await asyncio.to_thread(_kind, path)
    if kind == "events":
        for number, line in enumerate(await asyncio.to_thread(_lines, path), start=1):
            yield _change(line, path.name, number, source)
        return
    folder, only = (path, None) if kind == "folder" else (path.parent.parent, path)
    async for page in FolderSource(folder, source, only).read():
        yield page if isinstance(page, SourceProblem) else upsert(source, page, datetime.now(UTC))


def _kind(path: Path) -> str:
    if path.is_dir():
        return "folder"
    kind = next((kind for kind, ends in (("events", EVENTS), ("page", PAGES)) if path.suffix.lower() in ends), None)
    if kind is None or not path.is_file():
        ends = ", ".join(sorted(EVENTS | PAGES))
        raise BadInput("no_page", f"{path} is no folder of pages and no file that ends in one of {ends}.")
    if path.stat().st_size > FILE_LIMIT:
        raise BadInput("too_large", f"{path} has more than {FILE_LIMIT >> 20} MiB: hand it in by parts.")
    return kind


def _lines(path: Path) -> list[bytes]:
    return [line for line in path.read_bytes().splitlines() if line.strip()]


def _change(line: bytes, name: str, number: int, source: str) -> DocumentChange | SourceProblem:
    try:
        return decode_change(line)
    except PoisonedEvent as error:
        return SourceProblem(source, f"{name}, event {number}", error.detail)
