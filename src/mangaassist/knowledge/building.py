"""Fills the index from its sources: the first build with progress, and keeping up with them from then on (K-5)."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from msgspec import Struct

from mangaassist.errors import AssistantError, ServiceFailure
from mangaassist.knowledge.documents import Document, DocumentChange, SourceProblem, deletion, upsert
from mangaassist.knowledge.updates import BATCH, Applied, Pipeline

T = TypeVar("T")
R = TypeVar("R")

Progress = Callable[[str, int, int], None]
"""Called with the source, how many of its documents are searchable, and how many it has."""

BUILD_PASSES = 2
"""Batches side by side while the knowledge is built, each with a pass of the encoder: there is nobody to answer yet."""
MOST_GONE = 0.5
FEW = 10
"""A listing that lacks more than half of what it had, and more than ten documents, is taken for a fault of the source."""
PROBLEMS_LIMIT = 500
"""Problems that are named; of more there is only the number."""


class Source(Protocol):
    """A source that can be read as a whole: what it gives now is all that it has."""

    name: str

    def read(self) -> AsyncIterator[Document | SourceProblem]:
        """Every document as it is now; what cannot be read is named and the others follow.

        Raises ``ServiceFailure`` when the source cannot be read at all or breaks off.
        """
        ...


class Report(Struct, frozen=True, kw_only=True):
    """What a pass over sources did: documents taken, removed, known already, and what could not be taken in."""

    added: int = 0
    removed: int = 0
    skipped: int = 0
    problems: tuple[SourceProblem, ...] = ()
    problem_count: int = 0

    @property
    def words(self) -> str:
        """What was done, in one line for a person."""
        words = f"{self.added} documents read, {self.skipped} known already"
        if self.problem_count:
            first = self.problems[0]
            words += f", {self.problem_count} could not be taken in (first: {first.where}: {first.detail})"
        return words

    def plus(self, other: "Report") -> "Report":
        return Report(
            added=self.added + other.added,
            removed=self.removed + other.removed,
            skipped=self.skipped + other.skipped,
            problems=(*self.problems, *other.problems)[:PROBLEMS_LIMIT],
            problem_count=self.problem_count + other.problem_count,
        )


def utc_now() -> datetime:
    return datetime.now(UTC)


def silent(source: str, done: int, total: int) -> None:
    pass


async def build(
    sources: Sequence[Source], pipeline: Pipeline, progress: Progress = silent, passes: int = BUILD_PASSES
) -> Report:
    """Bring every source into the index. Interrupted, it goes on where it was: what is indexed is not embedded again.

    A source that cannot be read is a problem in the report; the others are built. Raises ``ServiceFailure`` when the
    index fails and ``ModelFailure`` when the encoder does.
    """
    report = Report()
    for source in sources:
        report = report.plus(await refresh(source, pipeline, progress, passes))
    await pipeline.index.consolidate()
    return report


async def refresh(
    source: Source,
    pipeline: Pipeline,
    progress: Progress = silent,
    passes: int = 1,
    changed_after: datetime | None = None,
) -> Report:
    """Bring one source into the index, and take out what it no longer has.

    Nothing is taken out after a problem: what could not be read may be the very document that seems to be missing.
    ``changed_after`` is the moment from which on changes may be: a source that is read now and then does not tell when each
    was made, and its lag must not look shorter than it is.
    """
    read_at = changed_after or utc_now()
    documents, problems = await _read(source)
    kept = dict(await pipeline.index.versions(source.name))
    fresh = [document for document in documents if document.version > kept.get(document.document_id, -1)]
    total, done = len(documents), len(documents) - len(fresh)
    progress(source.name, done, total)
    report = Report(skipped=done, problems=tuple(problems[:PROBLEMS_LIMIT]), problem_count=len(problems))
    parts = _parts([upsert(source.name, document, read_at) for document in fresh])
    async with aclosing(side_by_side(parts, pipeline.apply, passes)) as batches:
        async for part, applied in batches:
            report = report.plus(reported(source.name, applied))
            progress(source.name, done := done + len(part), total)
    gone = sorted(kept.keys() - {document.document_id for document in documents})
    if problems or not gone:
        return report
    if len(gone) > max(FEW, MOST_GONE * len(kept)):
        detail = f"lists {len(documents)} documents and lacks {len(gone)} that it had: nothing was taken out"
        return report.plus(Report(problems=(SourceProblem(source.name, source.name, detail),), problem_count=1))
    removals = [deletion(source.name, document_id, kept[document_id], read_at) for document_id in gone]
    return report.plus(Report(removed=(await pipeline.apply(removals)).taken))


async def side_by_side(
    batches: AsyncIterator[T], apply: Callable[[T], Awaitable[R]], at_once: int
) -> AsyncGenerator[tuple[T, R]]:
    """Each batch with what became of it, in their order; so many are under way at once, and none once this is closed."""
    waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
    try:
        async for batch in batches:
            waiting.append((batch, asyncio.ensure_future(apply(batch))))
            if len(waiting) >= at_once:
                yield waiting[0][0], await waiting[0][1]
                waiting.popleft()
        while waiting:
            yield waiting[0][0], await waiting[0][1]
            waiting.popleft()
    finally:
        for _, task in waiting:
            task.cancel()
        await asyncio.gather(*(task for _, task in waiting), return_exceptions=True)


async def _parts(changes: Sequence[DocumentChange]) -> AsyncGenerator[Sequence[DocumentChange]]:
    for start in range(0, len(changes), BATCH):
        yield changes[start : start + BATCH]


async def keep_fresh(
    source: Source,
    pipeline: Pipeline,
    every_s: float,
    on_report: Callable[[str, Report], None],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    now: Callable[[], datetime] = utc_now,
) -> None:
    """Refresh a source every so many seconds until cancelled: this bounds how long an edit takes to be found (K-5).

    ``on_report`` hears of each pass that did something or met a problem. A pass that fails is tried again at the next turn.
    """
    began = now()
    while True:
        await sleep(every_s)
        before, began = began, now()
        try:
            report = await refresh(source, pipeline, changed_after=before)
        except AssistantError as failure:
            report = Report(problems=(SourceProblem(source.name, source.name, str(failure)),), problem_count=1)
        if report.added or report.removed or report.problem_count:
            on_report(source.name, report)


async def _read(source: Source) -> tuple[list[Document], list[SourceProblem]]:
    documents: dict[str, Document] = {}
    problems: list[SourceProblem] = []
    try:
        async for one in source.read():
            if isinstance(one, SourceProblem):
                problems.append(one)
            elif one.document_id in documents:
                problems.append(SourceProblem(source.name, one.document_id, "two documents have this id"))
            else:
                documents[one.document_id] = one
    except ServiceFailure as failure:
        problems.append(SourceProblem(source.name, source.name, f"could not be read to its end: {failure}"))
    return list(documents.values()), problems


def reported(source: str, applied: Applied) -> Report:
    problems = tuple(SourceProblem(source, document_id, error) for document_id, error in applied.failed.items())
    return Report(added=applied.taken, skipped=applied.skipped, problems=problems, problem_count=len(problems))
