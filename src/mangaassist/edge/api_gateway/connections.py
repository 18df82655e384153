"""What is known of the connections that an API Gateway holds for us, and who tells them what is said: the port (W-13).

Any process may be called about any connection, so all of it lies in a store. One process at a time holds a connection and posts
to it; a process that holds any says so again and again, and what it holds is anybody's once it has not for ``LEASE_S``.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

from msgspec import Struct

from mangaassist.errors import ServiceFailure
from mangaassist.wire.page import NOWHERE, PageContext

CONNECTIONS: Final = "connections"
"""The service that a ``ServiceFailure`` of the store names."""
NOBODY: Final = ""
"""The holder of a connection that waits for one."""
LEASE_S: Final = 6.0
BEAT_S: Final = 1.0
TRIES: Final = 8
MOST_HOURS: Final = 2
"""API Gateway closes a connection that is older."""


class GatewayConnection(Struct, frozen=True, kw_only=True):
    """One of them. Moments are UTC; ``token`` is sealed, for this connection.

    ``seq`` and ``epoch`` are how far it has heard, ``seq`` None: nothing, and it will be told the turns. ``greeted``: it was
    sent its ``session`` frame. ``together``: it takes several frames in one message, as an array. ``begins``: the conversation is
    its own, and nobody has said anything in it yet. ``revision`` counts the writes.
    """

    connection_id: str
    session_id: str
    address: str
    connected_at: datetime
    heard_at: datetime
    customer_id: str | None = None
    token: bytes = b""
    expires_at: datetime | None = None
    page: PageContext = NOWHERE
    resumed: bool = False
    begins: bool = False
    seq: int | None = None
    epoch: str | None = None
    greeted: bool = False
    together: bool = False
    holder: str = NOBODY
    revision: int = 0


class Connections(Protocol):
    """Every method raises ``ServiceFailure`` of ``connections`` when the store cannot be reached."""

    async def keep(self, connection: GatewayConnection) -> None:
        """A connection was made, in the place of any of that id."""
        ...

    async def find(self, connection_id: str) -> GatewayConnection | None:
        """As it is at this moment."""
        ...

    async def replace(self, before: GatewayConnection, after: GatewayConnection) -> GatewayConnection | None:
        """``after`` as it is kept, with its revision; None, and nothing changes, when ``before`` is not the newest any more."""
        ...

    async def forget(self, connection_id: str) -> None:
        """It is gone. One that is not known is no error."""
        ...

    async def held_by(self, holder: str, limit: int) -> tuple[str, ...]:
        """The ids of those that a process holds, or that ``NOBODY`` does; may name some that it does not hold any more."""
        ...

    async def beat(self, holder: str, until: datetime) -> None:
        """A process is there until then, unless it says so again."""
        ...

    async def lapsed(self, now: datetime) -> tuple[str, ...]:
        """The processes that were to be there until before ``now`` and have not been retired."""
        ...

    async def retire(self, holder: str) -> None:
        """Nothing is held by it any more."""
        ...


async def changed(
    connections: Connections, connection_id: str, how: Callable[[GatewayConnection], GatewayConnection | None]
) -> GatewayConnection | None:
    """Change a connection as it is just then; None when there is none, or ``how`` wants no change (None)."""
    for _ in range(TRIES):
        before = await connections.find(connection_id)
        after = None if before is None else how(before)
        if before is None or after is None:
            return None
        if (kept := await connections.replace(before, after)) is not None:
            return kept
    raise ServiceFailure(CONNECTIONS, "error", "somebody else was always faster")
