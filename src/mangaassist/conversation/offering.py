"""A message goes into a session's inbox, also when the log knows nothing of the session (any more)."""

from collections.abc import Awaitable, Callable
from typing import Final

from mangaassist.conversation.log import LOG, ConversationLog, Entry, Offered, Origin
from mangaassist.errors import ServiceFailure
from mangaassist.turn.memory import Session

TRIES: Final = 3
"""A log that begins anew more often than this while one message is offered is away."""


async def offered(
    log: ConversationLog, session_id: str, entry: Entry, claim: bool, load: Callable[[], Awaitable[tuple[Session, int]]]
) -> tuple[Offered, Session | None]:
    """What became of the offer, and the session that the log went on from if it had to ask.

    ``load`` gives the session as the store has it now, and the number up to which no number is free. It is asked after the log
    has named its epoch: should the log lose everything once more before the offer arrives, what was loaded holds no longer, and
    the log asks again. Raises ``ServiceFailure``.
    """
    session, origin = None, None
    for _ in range(1 + TRIES):
        found = await log.offer(session_id, entry, origin, claim)
        if found.verdict != "unknown":
            return found, session
        session, floor = await load()
        origin = Origin(floor, session.customer_id, found.epoch)
    raise ServiceFailure(LOG, "error", "it begins anew again and again")
