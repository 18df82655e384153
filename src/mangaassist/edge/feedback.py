"""The feedback port: what a shopper thinks of an answer, told once (R-2)."""

from datetime import datetime, timedelta
from typing import Final, Protocol

from msgspec import Struct

from mangaassist.wire.rest import Thumbs

FEEDBACK_KEPT: Final = timedelta(days=90)


class Feedback(Struct, frozen=True, kw_only=True):
    """``comment`` is screened text (G-1). ``customer_id`` is who says it; None: whoever is the session's guest."""

    session_id: str
    response_id: str
    customer_id: str | None
    feedback: Thumbs
    comment: str | None = None
    at: datetime

    @property
    def key(self) -> tuple[str, str, str | None]:
        return self.session_id, self.response_id, self.customer_id

    @property
    def expires_at(self) -> datetime:
        return self.at + FEEDBACK_KEPT


class FeedbackStore(Protocol):
    async def keep(self, feedback: Feedback) -> Feedback:
        """Keep what nobody has said yet; gives what is kept.

        The first of a session, response and customer stands, whatever comes after it, until it expires: at that moment, by the
        clock of whoever comes next, it is none. Raises ``ServiceFailure`` when the store cannot be reached.
        """
        ...
