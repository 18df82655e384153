"""What runs beside the turns: the knowledge and the names of the series, kept in step with the store (K-5)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from mangaassist.domain.products import Product, ProductChange
from mangaassist.errors import AssistantError
from mangaassist.knowledge import building
from mangaassist.knowledge.building import Report, Source
from mangaassist.knowledge.generations import Generation, IndexGenerations
from mangaassist.knowledge.sources.catalog import CatalogSource
from mangaassist.knowledge.sources.inbox import EventInbox
from mangaassist.knowledge.updates import Pipeline
from mangaassist.telemetry.logs import logger
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.titles import SeriesTitle

PAGES_EVERY_S: Final = 5.0
REVIEWS_EVERY_S: Final = 3600.0
BUILD_AGAIN_S: Final = 10.0
"""After so long a build that did not come to its end goes on where it was."""
LAG_LIMIT_S: Final = 10.0
"""K-5: from a change until it is found."""
AGAIN_EVERY_S: Final = 1.0
"""How soon an event set aside is tried again when somebody asks for it."""
TIDY_EVERY_S: Final = 60.0
LOOK_EVERY_S: Final = 0.5
"""How soon a process that only serves sees what another one has indexed."""
HEAR_AGAIN_S: Final = 5.0
"""After so long a stream of changes that broke off is opened again."""
NAMES_SETTLE_S: Final = 2.0
"""New names are learnt this long after the first of them came, so that a replay of the catalog teaches once."""

MOST_SERIES: Final = 20_000
"""Beyond that the names that were told of longest ago are forgotten."""
MOST_WORDS: Final = 32
"""How many aliases, authors and themes of one series are kept."""

_log = logger("knowledge")

Progress = Callable[[str, int, int], None]
Changes = Callable[[int], AsyncIterator[ProductChange]]


class SeriesNames:
    """The names of all series that the catalog has told of, kept in a file for starts at which it is away.

    A lexicon takes a fifth of a second to make, so that is done beside the event loop; whoever is taught gets it whole.
    """

    def __init__(self, file: Path, learn: Callable[[Lexicon], None]) -> None:
        """Teaches what the file holds before it returns."""
        self._file = file
        self._learn = learn
        self._known: dict[str, SeriesTitle] = self._read()
        self._is_behind = False
        self._waiting: asyncio.TimerHandle | None = None
        self._learning: set[asyncio.Task[None]] = set()
        self._one_at_a_time = asyncio.Lock()
        self._stamp = self._stamped()
        learn(_lexicon(tuple(self._known.values())))

    async def overheard(self, changes: AsyncIterator[ProductChange]) -> AsyncIterator[ProductChange]:
        """The same changes; the series that they name are remembered on the way."""
        async for change in changes:
            if change.product is not None:
                self._note(change.product)
            yield change

    def _note(self, product: Product) -> None:
        title = _titled(product)
        if self._known.get(title.series_id) == title:
            return
        self._known.pop(title.series_id, None)
        self._known[title.series_id] = title
        if len(self._known) > MOST_SERIES:
            del self._known[next(iter(self._known))]
        self._is_behind = True
        if self._waiting is None:
            self._waiting = asyncio.get_running_loop().call_later(NAMES_SETTLE_S, self._begin)

    def _begin(self) -> None:
        self._waiting = None
        task = asyncio.create_task(self.settle(), name="series names")
        self._learning.add(task)
        task.add_done_callback(self._learning.discard)

    async def settle(self) -> None:
        """Learn what was noted since the last time, and keep it. When this returns, nothing is on its way."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        async with self._one_at_a_time:
            if not self._is_behind:
                return
            self._is_behind = False
            titles = tuple(self._known.values())
            self._learn(await asyncio.to_thread(_lexicon, titles))
            await asyncio.to_thread(self._keep, titles)

    async def reread(self) -> None:
        """Learn what another process has kept in the file since the last time."""
        stamp = await asyncio.to_thread(self._stamped)
        if stamp == self._stamp:
            return
        self._stamp, self._known = stamp, await asyncio.to_thread(self._read)
        self._learn(await asyncio.to_thread(_lexicon, tuple(self._known.values())))

    def _stamped(self) -> tuple[int, int] | None:
        """Tells one file from the next that takes its place."""
        with contextlib.suppress(OSError):
            state = self._file.stat()
            return state.st_ino, state.st_mtime_ns
        return None

    def _keep(self, titles: tuple[SeriesTitle, ...]) -> None:
        unfinished = self._file.with_suffix(".partial")
        try:
            unfinished.write_bytes(msgspec.json.encode(titles))
            unfinished.replace(self._file)
        except OSError as failure:
            _log.warning("series_names_not_kept", reason=str(failure))

    def _read(self) -> dict[str, SeriesTitle]:
        """What the file holds; a file that is missing or damaged is as good as none, since the catalog tells it again."""
        try:
            kept = msgspec.json.decode(self._file.read_bytes(), type=list[SeriesTitle])
        except (OSError, UnicodeDecodeError, msgspec.MsgspecError):
            return {}
        return {title.series_id: title for title in kept[-MOST_SERIES:]}


def _titled(product: Product) -> SeriesTitle:
    return SeriesTitle(
        series_id=product.series_id,
        title=product.series_title,
        aliases=product.aliases[:MOST_WORDS],
        authors=product.authors[:MOST_WORDS],
        themes=product.themes[:MOST_WORDS],
    )


def _lexicon(titles: tuple[SeriesTitle, ...]) -> Lexicon:
    return Lexicon.with_catalog(titles, {theme for title in titles for theme in title.themes})


class KnowledgeSync:
    """Fills the knowledge at the first start and follows the store from then on."""

    def __init__(
        self,
        pipeline: Pipeline,
        names: SeriesNames,
        changes: Changes,
        pages: tuple[Source, ...],
        reviews: Source,
        generation: Generation,
        generations: IndexGenerations | None = None,
        on_dead_letters: Callable[[Mapping[str, int]], None] = lambda _: None,
        inboxes: Sequence[EventInbox] = (),
    ) -> None:
        """``generation`` is what is built, after which ``generations`` are swapped.

        ``inboxes``: what was pushed or handed over, by whichever process of this machine took it.

        ``on_dead_letters`` hears now and then how many events are set aside, by source.
        """
        self._on_dead_letters = on_dead_letters
        self._inboxes = tuple(inboxes)
        self.is_following = False
        """What is found from now on is late by as much as its change is old; a first build is not."""
        self._generations = generations
        self._pipeline = pipeline
        self._names = names
        self._pages = pages
        self._reviews = reviews
        self._generation = generation
        self._catalog = CatalogSource(lambda after_cursor: names.overheard(changes(after_cursor)))

    @property
    def lag_limits(self) -> Mapping[str, float]:
        """How long, in seconds, a change of each source may take until it is found (K-5)."""
        pushed = (inbox.source for inbox in self._inboxes)
        soon = (self._catalog.name, *(source.name for source in self._pages), *pushed)
        return {**dict.fromkeys(soon, LAG_LIMIT_S), self._reviews.name: REVIEWS_EVERY_S + LAG_LIMIT_S}

    @property
    def is_built(self) -> bool:
        """Whether every source has been read to its end once. An interrupted first start has not (K-3)."""
        return self._generation.is_built

    @property
    def is_answered_meanwhile(self) -> bool:
        """Whether what another encoder made answers, by words alone, until the build comes to its end."""
        return self._generations is not None and self._generations.by_words_alone

    async def prepare(self, progress: Progress = building.silent) -> None:
        """What must be there before anybody is served: a first start fills the knowledge, unless another encoder's answers."""
        if not self.is_built and not self.is_answered_meanwhile:
            report = await self.build(progress)
            _log.info("knowledge_built", outcome=report.words)

    async def build(self, progress: Progress = building.silent) -> Report:
        """Read every source to its end. What is known already is not embedded again."""
        passes = 1 if self.is_answered_meanwhile else building.BUILD_PASSES
        report = await building.build((*self._pages, self._reviews), self._pipeline, progress, passes)
        report = report.plus(await self._catalog.catch_up(self._pipeline, progress, passes))
        await self._names.settle()
        if not any(problem.where == problem.source for problem in report.problems):
            await self._generation.mark_built()
            if self._generations is not None:
                await self._generations.swap()
        return report

    async def refresh_pages(self, progress: Progress = building.silent) -> Report:
        """Take up what editors changed since the last time. For whoever does not ``follow``."""
        return await building.build(self._pages, self._pipeline, progress)

    async def follow(self) -> None:
        """Keep in step until cancelled. A source that is away is tried again; it never takes the others along."""
        try:
            await self._build_beside()
            self.is_following = True
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pipeline.run(), name="knowledge pipeline")
                group.create_task(self._catalog.follow(self._pipeline, _log_trouble), name="catalog changes")
                for source in self._pages:
                    group.create_task(building.keep_fresh(source, self._pipeline, PAGES_EVERY_S, _log_report))
                group.create_task(building.keep_fresh(self._reviews, self._pipeline, REVIEWS_EVERY_S, _log_report))
                for inbox in self._inboxes:
                    take = partial(inbox.apply_waiting, self._pipeline)
                    group.create_task(_repeated(LOOK_EVERY_S, take), name=f"{inbox.source} events")
                group.create_task(_repeated(AGAIN_EVERY_S, self._try_again), name="dead letters")
                group.create_task(_repeated(TIDY_EVERY_S, self._tidy), name="consolidation")
        finally:
            await self._names.settle()

    async def _try_again(self) -> None:
        await self._pipeline.try_again()
        self._on_dead_letters(await self._pipeline.dead_letters.counted())

    async def _tidy(self) -> None:
        await self._pipeline.index.consolidate()

    async def _build_beside(self) -> None:
        """Until what this encoder makes of everything is whole, and answers."""
        while self.is_answered_meanwhile:
            try:
                _log.info("knowledge_built_beside", outcome=(await self.build()).words)
            except AssistantError as failure:
                _log.warning("knowledge_not_built", reason=str(failure))
            if self.is_answered_meanwhile:
                await asyncio.sleep(BUILD_AGAIN_S)


class KnowledgeFollower:
    """In the place of ``KnowledgeSync`` in a process that only serves: takes up what the one that indexes has made (O-7)."""

    def __init__(
        self, refresh: Callable[[], Awaitable[None]], names: SeriesNames, changes: Changes | None = None
    ) -> None:
        """``refresh`` takes up what was indexed since the last time.

        The one that indexes keeps the ``names`` in a file; ``changes`` of the catalog tell them where that is another machine's.
        """
        self._refresh = refresh
        self._names = names
        self._changes = changes

    async def prepare(self, progress: Progress = building.silent) -> None:
        """Nothing is waited for: what is not indexed yet is found as soon as it is."""
        with contextlib.suppress(AssistantError):
            await self._look()

    async def follow(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(_repeated(LOOK_EVERY_S, self._look))
            if self._changes is not None:
                group.create_task(self._overhear(self._changes))

    async def _look(self) -> None:
        await self._refresh()
        if self._changes is None:
            await self._names.reread()

    async def _overhear(self, changes: Changes) -> None:
        cursor = 0
        while True:
            with contextlib.suppress(AssistantError):
                async for change in self._names.overheard(changes(cursor)):
                    cursor = change.cursor
            await asyncio.sleep(HEAR_AGAIN_S)


async def _repeated(every_s: float, work: Callable[[], Awaitable[None]]) -> None:
    """Work that is done again and again; what goes wrong is logged where it is not what went wrong the time before."""
    trouble = ""
    while True:
        await asyncio.sleep(every_s)
        try:
            await work()
            trouble = ""
        except AssistantError as failure:
            if trouble != str(failure):
                trouble = str(failure)
                _log.warning("knowledge_not_followed", reason=trouble)


def _log_report(source: str, report: Report) -> None:
    _log.info(
        "knowledge_refreshed",
        source=source,
        added=report.added,
        removed=report.removed,
        problems=[f"{problem.where}: {problem.detail}" for problem in report.problems[:5]],
    )


def _log_trouble(failure: Exception) -> None:
    _log.warning("catalog_stream_broken", reason=str(failure))
