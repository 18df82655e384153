"""The names of all series, as the catalog tells of them: overheard on their way into the knowledge, learnt and kept (K-5)."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from mangaassist.domain.products import Product, ProductChange
from mangaassist.knowledge.sources.changes import ChangeFeed, Heard, Unread, closed_after
from mangaassist.telemetry.logs import logger
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.titles import SeriesTitle

NAMES_SETTLE_S: Final = 2.0
"""New names are learnt this long after the first of them came, so that a replay of the catalog teaches once."""

MOST_SERIES: Final = 20_000
"""Beyond that the names that were told of longest ago are forgotten."""
MOST_WORDS: Final = 32
"""How many aliases, authors and themes of one series are kept."""

_log = logger("knowledge")


StoreWords = Mapping[str, tuple[str, ...]]
"""By genre or theme of the catalog, how shoppers call it."""


def no_words() -> StoreWords:
    return {}


class SeriesNames:
    """The names of all series that the catalog has told of, kept in a file for starts at which it is away.

    A lexicon takes a fifth of a second to make, so that is done beside the event loop; whoever is taught gets it whole.
    """

    def __init__(
        self, file: Path, learn: Callable[[Lexicon], None], words: Callable[[], StoreWords] = no_words
    ) -> None:
        """Teaches what the file holds before it returns. ``words``: the store's own for its genres and themes, as it tells them."""
        self._file = file
        self._words = words
        self._learn = learn
        self._known: dict[str, SeriesTitle] = self._read()
        self._is_behind = False
        self._waiting: asyncio.TimerHandle | None = None
        self._learning: set[asyncio.Task[None]] = set()
        self._one_at_a_time = asyncio.Lock()
        self._stamp = self._stamped()
        learn(_lexicon(tuple(self._known.values()), words()))

    async def overheard(self, changes: AsyncIterator[ProductChange]) -> AsyncIterator[ProductChange]:
        """The same changes; the series that they name are remembered on the way."""
        async for change in changes:
            if change.product is not None:
                self.note(change.product)
            yield change

    def hears(self, feed: ChangeFeed) -> ChangeFeed:
        """The same feed; the series that it names are remembered on the way."""
        return _OverheardFeed(feed, self.note)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever heard, or what was is lost: only a replay of the catalog tells it again."""
        return not self._known

    def note(self, product: Product) -> None:
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
            self._learn(await asyncio.to_thread(_lexicon, titles, self._words()))
            await asyncio.to_thread(self._keep, titles)

    async def reread(self) -> None:
        """Learn what another process has kept in the file since the last time."""
        stamp = await asyncio.to_thread(self._stamped)
        if stamp == self._stamp:
            return
        self._stamp, self._known = stamp, await asyncio.to_thread(self._read)
        self._learn(await asyncio.to_thread(_lexicon, tuple(self._known.values()), self._words()))

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


class _OverheardFeed:
    def __init__(self, feed: ChangeFeed, note: Callable[[Product], None]) -> None:
        self.name = feed.name
        self._feed = feed
        self._note = note

    async def after(self, cursor: str) -> AsyncGenerator[Heard | Unread]:
        async with closed_after(self._feed.after(cursor)) as stream:
            async for heard in stream:
                if isinstance(heard, Heard) and heard.change.product is not None:
                    self._note(heard.change.product)
                yield heard


def _titled(product: Product) -> SeriesTitle:
    return SeriesTitle(
        series_id=product.series_id,
        title=product.series_title,
        aliases=product.aliases[:MOST_WORDS],
        authors=product.authors[:MOST_WORDS],
        themes=product.themes[:MOST_WORDS],
        genres=product.genres[:MOST_WORDS],
    )


def _lexicon(titles: tuple[SeriesTitle, ...], words: StoreWords) -> Lexicon:
    themes = {theme for title in titles for theme in title.themes}
    return Lexicon.with_catalog(titles, themes, {genre for title in titles for genre in title.genres}, words)
