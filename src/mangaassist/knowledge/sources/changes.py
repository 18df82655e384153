"""The stream of the catalog's changes, whoever carries it: what is heard, and from where it is taken up again (K-5)."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

from msgspec import Struct

from mangaassist.domain.products import ProductChange
from mangaassist.errors import AssistantError

T = TypeVar("T")

Changes = Callable[[int], AsyncIterator[ProductChange]]
"""Opens the catalog's own stream after a number; 0 replays the whole catalog. Iterating raises ``ServiceFailure``."""


class Heard(Struct, frozen=True):
    """A change. ``cursor`` tells its carrier where to go on; nobody else reads it."""

    change: ProductChange
    cursor: str


class Unread(Struct, frozen=True):
    """An event that is no change: what it was, as far as that can be told, and what is wrong with it."""

    event: str
    detail: str
    cursor: str


class Forgotten(AssistantError):
    """What came next behind a cursor is no longer kept by the stream: the catalog has to be read as a whole."""


class ChangeFeed(Protocol):
    """Whoever carries the changes. One change may be heard several times, and in any order: versions decide."""

    @property
    def name(self) -> str:
        """Under which its cursors are kept: those of another feed mean something else."""
        ...

    def after(self, cursor: str) -> AsyncIterator[Heard | Unread]:
        """Every change behind a cursor, then further ones as they happen; "": from the oldest that there is.

        Ends or raises ``ServiceFailure`` with the stream, and ``Forgotten``.
        """
        ...


class CatalogFeed:
    """The catalog's own stream."""

    name = "catalog"

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    async def after(self, cursor: str) -> AsyncGenerator[Heard | Unread]:
        async with closed_after(self._changes(int(cursor) if cursor.isdecimal() else 0)) as stream:
            async for change in stream:
                yield Heard(change, str(change.cursor))


@asynccontextmanager
async def closed_after(stream: AsyncIterator[T]) -> AsyncGenerator[AsyncIterator[T]]:
    """The connection behind a stream ends with its reading, not some time later."""
    try:
        yield stream
    finally:
        if isinstance(stream, AsyncGenerator):
            await stream.aclose()
