"""Products, as the catalog's change stream tells of them: the whole catalog first, then every change as it happens (K-5)."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial

import msgspec

from mangaassist.domain.products import Format, Product, ProductChange
from mangaassist.errors import ModelFailure, ServiceFailure
from mangaassist.knowledge import building
from mangaassist.knowledge.building import BUILD_PASSES, Progress, Report, reported, silent
from mangaassist.knowledge.documents import Document, DocumentChange, PoisonedEvent, SourceProblem, deletion, upsert
from mangaassist.knowledge.index import ChunkIndex
from mangaassist.knowledge.sources.changes import (
    CatalogFeed,
    ChangeFeed,
    Changes,
    Forgotten,
    Heard,
    Unread,
    closed_after,
)
from mangaassist.knowledge.updates import BATCH, Pipeline

SILENCE_S = 10.0
"""How long the catalog may be silent before it has told of all its products."""
RECONNECT_S = (0.5, 1.0, 2.0, 5.0)
FORMATS = {
    Format.PAPERBACK: "Paperback",
    Format.HARDCOVER: "Hardcover",
    Format.OMNIBUS: "Omnibus edition",
    Format.BOX_SET: "Box set",
}
STATUS = {"finished": "complete", "ongoing": "still running", "hiatus": "on hiatus"}


class CatalogSource:
    """Follows the catalog. It remembers its cursor, so that a stream that breaks goes on where it was."""

    def __init__(
        self,
        changes: Changes,
        name: str = "catalog",
        silence_s: float = SILENCE_S,
        feed: ChangeFeed | None = None,
    ) -> None:
        """``changes`` tell of the whole catalog; ``feed`` carries what happens from then on, None: they do that too."""
        self.name = name
        self._changes = changes
        self._feed = feed or CatalogFeed(changes)
        self._silence_s = silence_s
        self._cursor = ""
        self._kept = ""
        self.applied = ""
        """The cursor behind the last change that can be found now."""

    async def catch_up(self, pipeline: Pipeline, progress: Progress = silent, passes: int = BUILD_PASSES) -> Report:
        """Index what the catalog has now and return; ``progress`` counts changes read.

        A catalog that cannot be read to its end is a problem in the report. Raises what ``Pipeline.apply`` raises.
        """
        report = Report()
        before = None
        trouble: list[ServiceFailure] = []
        batches = self._batches(trouble)
        applying = building.side_by_side(batches, partial(self._apply, pipeline), passes)
        try:
            async for batch, applied in applying:
                newest = batch[-1]
                before = batch[0].cursor - 1 if before is None else before
                report = report.plus(applied)
                if self._feed.name == CatalogFeed.name:  # then its cursors are these numbers
                    self._cursor = self.applied = str(newest.cursor)
                progress(self.name, newest.cursor - before, max(newest.head, newest.cursor) - before)
        finally:
            await applying.aclose()
            await batches.aclose()
        for failure in trouble:
            problem = SourceProblem(self.name, self.name, f"could not be read to its end: {failure}")
            report = report.plus(Report(problems=(problem,), problem_count=1))
        await pipeline.index.consolidate()
        return report

    async def follow(
        self,
        pipeline: Pipeline,
        on_trouble: Callable[[Exception], None] = lambda _: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Offer every further change to the pipeline until cancelled; a broken stream is opened again where it was."""
        attempt = 0
        while True:
            try:
                async with closed_after(self._feed.after(self._cursor)) as stream:
                    async for heard in stream:
                        attempt = 0
                        await self._offer(heard, pipeline)
            except Forgotten as forgotten:
                on_trouble(forgotten)
                await self._read_anew(pipeline, on_trouble)
            except ServiceFailure as failure:
                on_trouble(failure)
            await sleep(RECONNECT_S[min(attempt, len(RECONNECT_S) - 1)])
            attempt += 1

    def move_on(self) -> None:
        """Another index is written from now on, in which no cursor of ours is kept."""
        self._kept = ""

    async def resume(self, index: ChunkIndex) -> None:
        """Go on where the changes that this index holds end, whichever process has read them."""
        self._cursor = self._kept = self.applied = await index.cursor(self._feed.name)

    @property
    def is_ahead(self) -> bool:
        """Whether more is applied than ``resume`` would know of."""
        return self.applied != self._kept

    async def keep_cursor(self, index: ChunkIndex, cursor: str) -> None:
        """What is ``applied`` up to here need not be read again."""
        await index.keep_cursor(self._feed.name, cursor)
        self._kept = cursor

    async def _offer(self, heard: Heard | Unread, pipeline: Pipeline) -> None:
        self._cursor = heard.cursor
        if isinstance(heard, Unread):
            await pipeline.set_aside(self.name, "", 0, PoisonedEvent(heard.detail), heard.event)
            return
        change = heard.change
        try:
            await pipeline.offer(self._change(change), partial(self._note, heard.cursor))
        except ValueError as error:
            await pipeline.set_aside(self.name, change.asin, change.version, error, _event(change))

    def _note(self, applied: str) -> None:
        self.applied = applied

    async def _read_anew(self, pipeline: Pipeline, on_trouble: Callable[[Exception], None]) -> None:
        """What the feed has forgotten, the catalog itself tells: all of it, of which most is known."""
        try:
            report = await self.catch_up(pipeline, passes=1)
        except (ServiceFailure, ModelFailure) as failure:
            on_trouble(failure)
            return
        if not any(problem.where == self.name for problem in report.problems):
            self._cursor = ""

    async def _batches(self, trouble: list[ServiceFailure]) -> AsyncGenerator[list[ProductChange]]:
        """All changes, some at a time, up to the newest one there is, or until ``trouble`` gets what broke the stream off."""
        batch: list[ProductChange] = []
        async with closed_after(self._changes(0)) as stream:
            while True:
                try:
                    async with asyncio.timeout(self._silence_s):
                        change = await anext(stream, None)
                except TimeoutError:
                    trouble.append(ServiceFailure(self.name, "timeout", "the change stream is silent"))
                    change = None
                except ServiceFailure as failure:
                    trouble.append(failure)
                    change = None
                if change is not None:
                    batch.append(change)
                last = change is None or change.cursor >= change.head
                if batch and (last or len(batch) == BATCH):
                    yield batch
                    batch = []
                if last:
                    return

    async def _apply(self, pipeline: Pipeline, batch: Sequence[ProductChange]) -> Report:
        changes: list[DocumentChange] = []
        report = Report()
        for change in batch:
            try:
                changes.append(self._change(change))
            except ValueError as error:
                await pipeline.set_aside(self.name, change.asin, change.version, error, _event(change))
                problem = SourceProblem(self.name, change.asin, str(error))
                report = report.plus(Report(problems=(problem,), problem_count=1))
        return report.plus(reported(self.name, await pipeline.apply(changes)))

    def _change(self, change: ProductChange) -> DocumentChange:
        """Raises ``ValueError`` when the product can be no document."""
        if change.product is None:
            return deletion(self.name, change.asin, change.version, change.emitted_at)
        document = product_document(change.product, change.version, change.emitted_at)
        return upsert(self.name, document, change.emitted_at)


def _event(change: ProductChange) -> str:
    """What the catalog told, for whoever looks at it."""
    return msgspec.json.encode(change).decode()


def product_document(product: Product, version: int, updated_at: datetime) -> Document:
    """A product as text. Its volumes are one family. Raises ``ValueError`` on what can be no document."""
    page = {
        "document_id": product.asin,
        "title": product.title,
        "body": "\n".join(filter(None, (product.description, _facts(product), _subjects(product)))),
        "source_type": "product",
        "category": product.series_id,
        "asin": product.asin,
        "version": version,
        "updated_at": updated_at,
        "aliases": tuple(dict.fromkeys(alias[:300] for alias in (product.series_title, *product.aliases)))[:50],
        "family": product.series_id,
    }
    return msgspec.convert(page, Document)


def _facts(product: Product) -> str:
    """What it is, briefly, because every token of six thousand products costs start time: "Paperback by Kentaro Miura from
    Dark Horse, 41 volumes, still running." Its series and volume stand in its title."""
    words = [FORMATS[product.format]]
    if product.series_title not in product.title:
        words[0] += f" of {product.series_title}"
    if product.authors:
        words[0] += f" by {_listed(product.authors)}"
    if product.publisher:
        words[0] += f" from {product.publisher}"
    if product.volume is None and product.volume_from is not None and product.volume_to is not None:
        words.append(f"volumes {product.volume_from} to {product.volume_to}")
    if product.series_volumes:
        words.append(f"{product.series_volumes} in the series")
    if status := STATUS.get(product.series_status):
        words.append(status)
    return f"{', '.join(words)}."


def _subjects(product: Product) -> str:
    words = [product.demographic.capitalize(), *product.genres, *product.themes, product.age_rating]
    return f"{', '.join(filter(None, words))}."


def _listed(names: Sequence[str]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]
