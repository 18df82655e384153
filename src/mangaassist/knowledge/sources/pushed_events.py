"""Where events that others push are kept (K-5): the inbox's port. Any process writes, the one that indexes reads."""

from collections.abc import Sequence
from typing import Final, Literal, Protocol

MOST_WAITING: Final = 1000
REMEMBERED_S: Final = 900.0
"""How long a delivery is known after it was taken: longer than its signature is good for."""

Kept = Literal["kept", "known", "full"]


class PushedEvents(Protocol):
    """Of one source. What is kept survives whoever keeps it, and every process that shares it sees it.

    All methods raise ``ServiceFailure`` when what is behind them fails.
    """

    async def keep(self, delivery: str, event: bytes) -> Kept:
        """Keep an event until it is taken. ``delivery``, letters, digits and dashes, names it: a known one is not kept again."""
        ...

    async def waiting(self) -> Sequence[str]:
        """The deliveries that are to be taken yet, or the first of them: oldest first."""
        ...

    async def read(self, delivery: str) -> bytes: ...

    async def take(self, delivery: str) -> None:
        """It was applied: its delivery stays known for a while."""
        ...

    async def forget(self) -> None:
        """Whatever was taken longer ago than its delivery need be known."""
        ...

    async def remember(self, document_id: str, event: bytes) -> None:
        """Keep the newest event of a document for good, in place of the one before."""
        ...

    async def remembered(self, document_id: str) -> bytes | None: ...

    async def newest(self, after: str, limit: int) -> Sequence[tuple[str, bytes]]:
        """The newest events of all documents by a name of each, those behind ``after`` in the order of names; "" begins."""
        ...
