"""What runs beside the turns: the knowledge, and with it the names of the series, kept in step with the store (K-5)."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final

from mangaassist.errors import AssistantError
from mangaassist.knowledge import building
from mangaassist.knowledge.building import Report, Source
from mangaassist.knowledge.generations import Generation, IndexGenerations
from mangaassist.knowledge.index import ChunkIndex
from mangaassist.knowledge.sources.catalog import CatalogSource
from mangaassist.knowledge.sources.changes import CatalogFeed, ChangeFeed, Changes
from mangaassist.knowledge.sources.inbox import EventInbox
from mangaassist.knowledge.updates import Pipeline
from mangaassist.series_names import SeriesNames
from mangaassist.telemetry.logs import logger

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
CURSOR_EVERY_S: Final = 5.0
"""How often it is kept how far the catalog's changes are applied: who dies reads so many seconds of them again."""
HEAR_AGAIN_S: Final = 5.0
"""After so long a stream of changes that broke off is opened again."""

_log = logger("knowledge")

Progress = Callable[[str, int, int], None]


Successor = Callable[[Generation], Awaitable[tuple[Generation, ChunkIndex] | None]]
"""The generation that was chosen in the place of one, opened to be written; None: that is still the chosen one.

Raises ``StartFailed`` while another process writes it.
"""


async def no_successor(current: Generation) -> None:
    """Nobody else chooses one."""


def is_whole(report: Report) -> bool:
    """Whether every source was read to its end."""
    return not any(problem.where == problem.source for problem in report.problems)


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
        feed: ChangeFeed | None = None,
        successor: Successor = no_successor,
    ) -> None:
        """``generation`` is what is built, after which ``generations`` are swapped; ``successor`` gives what was chosen since.

        ``inboxes``: what was pushed or handed over, by whichever process of this machine took it.

        ``feed``: what carries the catalog's changes once it was read as a whole; None: the catalog's own stream, ``changes``.

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
        self._successor = successor
        self._is_behind = False
        """Whether the index lacks what happened before it was moved to."""
        self._catalog = CatalogSource(
            lambda after: names.overheard(changes(after)), feed=names.hears(feed or CatalogFeed(changes))
        )

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
        report = await self.read_all(progress, passes)
        if is_whole(report):
            await self._generation.mark_built()
            if self._generations is not None:
                await self._generations.swap()
        return report

    async def read_all(self, progress: Progress = building.silent, passes: int = 1) -> Report:
        """Every source to its end, whatever is answered from meanwhile."""
        report = await building.build((*self._pages, self._reviews), self._pipeline, progress, passes)
        for inbox in self._inboxes:
            report = report.plus(await inbox.tell_again(self._pipeline))
        report = report.plus(await self._catalog.catch_up(self._pipeline, progress, passes))
        self._is_behind = self._is_behind and not is_whole(report)
        await self._keep_cursor()
        return report

    async def refresh_pages(self, progress: Progress = building.silent) -> Report:
        """Take up what editors changed since the last time. For whoever does not ``follow``."""
        return await building.build(self._pages, self._pipeline, progress)

    async def follow(self) -> None:
        """Keep in step until cancelled. A source that is away is tried again; it never takes the others along."""
        try:
            await self._build_beside()
            if not self._names.is_empty:
                await self._resume()
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
                group.create_task(_repeated(LOOK_EVERY_S, self._move_on), name="generation")
                group.create_task(_repeated(CURSOR_EVERY_S, self._keep_cursor), name="cursor")
                group.create_task(_repeated(TIDY_EVERY_S, self._tidy), name="consolidation")
        finally:
            with contextlib.suppress(AssistantError):  # then it is read again
                await self._keep_cursor()
            await self._names.settle()

    async def _move_on(self) -> None:
        """To the generation of this encoder that was chosen since: it answers at once, and hears what it has missed."""
        chosen = await self._successor(self._generation)
        if chosen is not None and self._generations is not None:
            self._generation, index = chosen
            self._is_behind = True
            await self._pipeline.move_to(index)
            await self._generations.move_to(index)
            self._catalog.move_on()
        if self._is_behind:
            _log.info("knowledge_moved", to=self._generation.name, outcome=(await self.read_all()).words)

    async def _resume(self) -> None:
        """Without it the catalog is heard from its beginning, and most of that is known."""
        with contextlib.suppress(AssistantError):
            await self._catalog.resume(self._pipeline.index)

    async def _keep_cursor(self) -> None:
        """The names first: what was read once is not told again."""
        cursor = self._catalog.applied
        await self._names.settle()
        if self._catalog.is_ahead and not self._is_behind:
            await self._catalog.keep_cursor(self._pipeline.index, cursor)

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
