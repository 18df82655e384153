"""A message goes into a session's inbox and is claimed there, also when the log knows nothing of the session (any more).

The log names its epoch, and then the store is asked where the session goes on. Should the log lose everything once more before
it hears so, what the store said holds no longer, and the log asks again.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from mangaassist.conversation.log import LOG, Claim, ConversationLog, Entry, Offered, Origin, Unknown
from mangaassist.errors import ServiceFailure
from mangaassist.turn.memory import Session

TRIES: Final = 3
"""A log that begins anew more often than this while one message is offered or claimed is away."""
BEGINS_ANEW: Final = "it begins anew again and again"


async def offered(
    log: ConversationLog, session_id: str, entry: Entry, claim: bool, load: Callable[[], Awaitable[tuple[Session, int]]]
) -> tuple[Offered, Session | None]:
    """What became of the offer, and the session that the log went on from if it had to ask.

    ``load`` gives the session as the store has it now, and the number up to which no number is free. Raises ``ServiceFailure``.
    """
    session, origin = None, None
    for _ in range(1 + TRIES):
        found = await log.offer(session_id, entry, origin, claim)
        if found.verdict != "unknown":
            return found, session
        session, floor = await load()
        origin = Origin(floor, session.customer_id, found.epoch)
    raise ServiceFailure(LOG, "error", BEGINS_ANEW)


async def claimed(
    log: ConversationLog, session_id: str, load: Callable[[], Awaitable[Session]]
) -> tuple[Claim | None, Session]:
    """The oldest message that waits, unless somebody else has it, and the session as the store had it just before.

    Raises ``ServiceFailure``.
    """
    epoch: str | None = None
    for _ in range(1 + TRIES):
        session = await load()
        origin = None if epoch is None else Origin(session.ceiling, session.customer_id, epoch)
        found = await log.claim(session_id, origin)
        if not isinstance(found, Unknown):
            return found, session
        epoch = found.epoch
    raise ServiceFailure(LOG, "error", BEGINS_ANEW)
